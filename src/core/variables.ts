import type { Base } from './base';
import { createBounds, type NumericOptions } from './bounds';
import { checkNumbers, refuse } from './check';
import { checkListener, createListeners, type ListenOptions, oneByOne, type Unsubscribe } from './emitter';
import { OocsiError, textOf } from './errors';
import { withPassword } from './form';
import { checkRecipient, masked } from './handle';
import { createLimit } from './limit';
import type { WaitOptions } from './loop';
import { type Anything, protocolKey, retention } from './message';
import { stableText } from './stable-text';
import type { CommonOptions, Origin, Sibling, Variable } from './variable';

/** The variables of a client. */
export interface Variables {
  open(channel: string, key: string, options?: CommonOptions<Anything> & NumericOptions): Variable<Anything>;
  /** Lets go out what waits for its interval. */
  drain(): void;
}

export function createVariables(
  { session, events, clock, compose, listen, loop }: Base,
  flush: (options: WaitOptions) => Promise<void>,
): Variables {
  const byChannel = new Map<string, Set<Sibling>>();

  const open: Variables['open'] = (channel, key, options = {}) => {
    const {
      initial,
      reference = initial,
      expire = Infinity,
      interval,
      limit,
      retain,
      accept,
      min,
      max,
      smooth,
      ...form
    } = options;
    checkNumbers({ expire, interval, retain });
    if (accept) checkListener('accept', accept);
    if (!key || protocolKey.test(key)) refuse('key', key);
    if (smooth && interval) refuse('interval', interval, ' with smooth');
    if (expire < Infinity && reference === undefined) refuse('expire', expire, ' without reference');
    // What has functions can be listened to only.
    checkRecipient('channel', channel);
    const wire = withPassword(channel, form);
    const isWithin = createLimit(limit, clock);
    const bound = createBounds({ min, max, smooth });
    const first = initial ?? reference;
    const isNumeric = !!smooth || [min, max, first].some((it) => typeof it === 'number');
    const listeners = createListeners<[Anything, Origin]>(events.failed);
    const siblings = byChannel.get(wire) ?? new Set();
    let value: Anything;
    /** The text of the value: what was handed out may be changed by whoever got it. */
    let known: string | undefined;
    let origin: Origin;
    let written: number;
    let isDue = false;
    let isAhead = false;
    let stopExpiry = (): void => {};
    let stopInterval: (() => void) | undefined;

    /** The value as JSON carries it; throws for what it cannot carry, before anything has changed. */
    function check(it: unknown): Anything {
      if (!(isNumeric ? Number.isFinite(it) : it != null)) refuse(key, it);
      return JSON.parse(compose(wire, { [key]: it }).json)[key];
    }

    /** Keeps a value, and tells whether it is another one. */
    function keep(next: unknown, from: Origin): boolean {
      const text = stableText(next);
      if (text === known) return false;
      known = text;
      value = JSON.parse(text);
      origin = from;
      return true;
    }

    /** Keeps a value that nobody has set. */
    function start(at: Anything): boolean {
      return keep(isNumeric ? createBounds({ min, max })(at)[0] : at, 'local');
    }

    /** Who sets the value as he hears of it is heard of next, so that the newest comes last for all. */
    const hear = oneByOne(listeners.tell);

    function touch(): void {
      written = clock.monotonic();
      stopExpiry();
      stopExpiry = clock.after(expire, () => {
        self.keptFor = 0;
        if (start(reference)) hear(value, origin);
      });
    }

    /** `send` is called once the value counts, and before anybody here hears of it. */
    function write(given: unknown, from: Origin, send?: () => void): void {
      const accepted = check(accept ? accept(given, value) : given);
      const [input, mean] = isNumeric ? bound(accepted) : [accepted, accepted];
      const isChanged = keep(mean, from);
      self.current = input;
      self.keptFor = retain ?? 0;
      touch();
      if (isChanged || smooth) send?.();
      if (isChanged) hear(value, origin);
    }

    function publish(): void {
      isDue = false;
      lead();
      session.outbound.withdraw(self.post);
      // A server keeps one message per channel, so each one must carry all that is to be kept.
      const kept = [...siblings].filter((it) => retain && it.keptFor);
      const data = Object.fromEntries([...kept, self].map((it) => [it.key, it.current]));
      self.post = compose(wire, data, retention(Math.max(0, ...kept.map((it) => it.keptFor))));
      session.outbound.post(self.post, 'keep');
      if (!retain || isAhead || !session.outbound.holds(self.post)) return;
      // Until the server has dealt with it, what it kept is older than what is set here. A lost connection ends that, too.
      isAhead = true;
      const behind = (): void => {
        isAhead = false;
      };
      flush({ timeout: Infinity }).then(behind, behind);
    }

    /** The others of this key take over what is set here, now and again when it leaves. */
    function lead(): void {
      for (const one of siblings) if (one !== self && one.key === key) one.follow(self.current);
    }

    /** A fault of whoever set the value is no reason to stop. */
    function take(given: unknown, from: Origin, sender: string): void {
      try {
        write(given, from);
      } catch (cause) {
        const why = `${masked(sender)} set ${key}: ${textOf(cause)}`;
        events.fault(new OocsiError('invalid', why, { cause }));
      }
    }

    function pace(): void {
      stopInterval = undefined;
      if (!isDue) return;
      publish();
      if (interval) stopInterval = clock.after(interval, pace);
    }

    function send(): void {
      isDue = true;
      lead();
      if (!stopInterval) pace();
    }

    function set(next: Anything): void {
      if (!siblings.has(self)) throw new OocsiError('closed', `${key} was disposed of.`);
      write(next, 'local', send);
    }

    function subscribe(
      listener: (value: Anything, from: Origin) => void,
      options?: ListenOptions,
      stopped?: () => void,
    ): Unsubscribe {
      return listeners.attach(listener, options, stopped, known ? [value, origin] : undefined);
    }

    const self: Sibling = {
      key,
      keptFor: 0,
      current: undefined,
      post: undefined,
      follow(current) {
        if (stableText(self.current) === stableText(current)) return;
        isDue = false;
        session.outbound.withdraw(self.post);
        take(current, 'local', session.ownHandle);
        // Also where the rules of this one made something else of it.
        self.current = current;
      },
      drain() {
        if (isDue) publish();
      },
    };
    for (const it of [reference, first]) if (it !== undefined) check(it);
    if (first !== undefined) start(first);
    const stop = listen(
      wire,
      ({ data, sender }) => {
        // What is to go out will be newer than what came in.
        if (!Object.hasOwn(data, key) || isDue || isAhead || session.outbound.holds(self.post) || !isWithin(sender))
          return;
        take(data[key], 'remote', sender);
      },
      {},
      () => {
        off();
        self.drain();
        if (siblings.delete(self) && siblings.size === 0) byChannel.delete(wire);
        stopExpiry();
        stopInterval?.();
        listeners.end();
      },
    );
    touch();
    const off = events.when('closed', stop);
    byChannel.set(wire, siblings.add(self));

    return {
      channel,
      key,
      get: () => value,
      set,
      get value() {
        return value;
      },
      set value(next) {
        set(next);
      },
      get age() {
        return Math.floor(clock.monotonic() - written);
      },
      subscribe,
      [Symbol.dispose]: stop,
      [Symbol.asyncIterator]: () => loop<Anything>(key, {}, subscribe),
    };
  };

  return {
    open,
    drain() {
      for (const siblings of byChannel.values()) for (const one of siblings) one.drain();
    },
  };
}
