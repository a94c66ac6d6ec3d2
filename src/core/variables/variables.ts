import {
  type Anything,
  checkRecipient,
  copyOf,
  type Incoming,
  type Message,
  masked,
  OocsiError,
  protocolKey,
  retention,
  textOf,
  withPassword,
} from '../../protocol/index';
import {
  checkListener,
  checkNumbers,
  checkOptions,
  Listeners,
  type ListenOptions,
  oneByOne,
  refuse,
  stableText,
  type Unsubscribe,
} from '../../util/index';
import type { ClientContext, WaitOptions } from '../messaging/index';
import { createLimit } from '../messaging/index';
import { createBounds, type NumericOptions } from './bounds';
import type { CommonOptions, Origin, Sibling, Variable } from './variable';
import { createVersion, keptKey, setKey, writtenIn } from './versions';

/** How long a client waits before it sends again what an older value came after, in ms. */
const settleTime = 250;

const variableOptions: readonly (keyof CommonOptions<unknown> | keyof NumericOptions)[] = [
  'initial',
  'reference',
  'expire',
  'interval',
  'limit',
  'retain',
  'accept',
  'min',
  'max',
  'smooth',
  'password',
];

/** The variables of a client. */
export interface Variables {
  open(channel: string, key: string, options?: CommonOptions<Anything> & NumericOptions): Variable<Anything>;
  /** Lets go out what waits for its interval. */
  drain(): void;
}

export function createVariables(context: ClientContext, flush: (options: WaitOptions) => Promise<void>): Variables {
  const { session, events, clock } = context;
  const byChannel = new Map<string, Set<Sibling>>();
  /** The newest message that says when its values were set: listeners hear of it next. */
  let stamped: Incoming | undefined;

  session.divert((incoming) => {
    if (incoming.wireKeys.has(setKey)) stamped = incoming;
    return false;
  });

  const open: Variables['open'] = (channel, key, options = {}) => {
    session.check();
    checkOptions(options, variableOptions);
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
    if (!key || protocolKey.test(key))
      refuse('key', key, ': use a name such as color; those in capitals after "_" are the protocol\'s');
    if (smooth && interval) refuse('interval', interval, ' with smooth: use one of them');
    if (expire < Infinity && reference === undefined)
      refuse('expire', expire, ' without reference: say which value to go back to');
    // What has functions can be listened to only.
    checkRecipient('channel', channel);
    context.checkMeant(channel, form.password);
    const wire = withPassword(channel, form);
    const isWithin = createLimit(limit, clock);
    const bound = createBounds({ min, max, smooth });
    const first = initial ?? reference;
    const isNumeric = !!smooth || [min, max, first].some((it) => typeof it === 'number');
    const listeners = new Listeners<[Anything, Origin]>(events.failed, (it, from) => [copyOf(it), from], true);
    const siblings = byChannel.get(wire) ?? new Set();
    const twins = [...siblings].filter((it) => it.key === key);
    const version = twins[0]?.version ?? createVersion(clock);
    let value: Anything;
    /** The text of the value: what was handed out may be changed by whoever got it. */
    let known: string | undefined;
    let origin: Origin;
    let written: number;
    let isDue = false;
    let isAhead = false;
    let stopExpiry = (): void => {};
    let stopInterval: (() => void) | undefined;
    let stopSettling: (() => void) | undefined;

    /** The value as JSON carries it; throws for what it cannot carry, before anything has changed. */
    function check(it: unknown): Anything {
      if (!(isNumeric ? Number.isFinite(it) : it != null))
        refuse(key, it, isNumeric ? ': use a finite number' : ': use what JSON carries, and not null');
      return JSON.parse(context.compose(wire, { [key]: it }).json)[key];
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
    const hear = oneByOne((now: Anything, from: Origin) => listeners.tell(now, from));

    function touch(): void {
      written = clock.monotonic();
      stopExpiry();
      stopExpiry = clock.after(expire, () => {
        self.keptFor = 0;
        version.disown();
        if (start(reference)) hear(value, origin);
      });
    }

    /** `send` is called once the value counts, and before anybody here hears of it. */
    function write(given: unknown, from: Origin, send?: () => void): void {
      const accepted = check(accept ? accept(given, value) : given);
      if (send) checkTogether(accepted);
      const [input, mean] = isNumeric ? bound(accepted) : [accepted, accepted];
      const isChanged = keep(mean, from);
      self.current = input;
      self.keptFor = retain ?? 0;
      touch();
      if (isChanged || smooth) send?.();
      if (isChanged) hear(value, origin);
    }

    /** The other variables of this channel that the server is to keep together with this one. */
    function others(): Sibling[] {
      return retain ? [...siblings].filter((it) => it.keptFor && it.key !== key) : [];
    }

    function tooMuch(cause: unknown): string {
      const limit = textOf(cause);
      return `${key} does not fit into one message with what else is retained on ${masked(channel)}: ${limit}`;
    }

    /** Throws before anything has changed when what is set here is too much for the one message that a server keeps. */
    function checkTogether(next: unknown): void {
      const own = others().filter(isOwn);
      if (own.length === 0) return;
      try {
        context.compose(wire, { ...dataOf(own), [key]: next });
      } catch (cause) {
        throw new RangeError(`${tooMuch(cause)}. Give it a channel of its own.`, { cause });
      }
    }

    /** A message as JSON, with as much of what is to be kept as fits: what others set may be too much. */
    function encode(extra: object): string {
      let kept = others();
      for (;;) {
        try {
          return context.compose(wire, { ...dataOf(kept), [key]: self.current }, { ...extra, ...stampsOf(kept) }).json;
        } catch (cause) {
          events.error(new OocsiError('invalid', `${tooMuch(cause)}. Some of that is not kept.`, { cause }));
          if (kept.every(isOwn)) return JSON.stringify({ [key]: self.current, ...extra });
          kept = kept.filter(isOwn);
        }
      }
    }

    /** @param isAgain whether it is the write that counts already */
    function publish(isAgain = false): void {
      isDue = false;
      lead();
      session.outbound.withdraw(self.post);
      // A server keeps one message per channel, so each one must carry all that is to be kept.
      const keepFor = Math.max(0, retain ? self.keptFor : 0, ...others().map((it) => it.keptFor));
      let json: string | undefined;
      self.post = {
        outgoing: { recipient: wire, data: { ...dataOf(others()), [key]: self.current } },
        /** Asked for as the message leaves: what waits is newer than all that comes meanwhile. */
        get json() {
          json ??= encode({ ...retention(keepFor), [setKey]: timeOf(isAgain) });
          return json;
        },
      };
      session.outbound.post(self.post, 'keep');
      if (!retain || isAhead || !session.outbound.holds(self.post)) return;
      // Until the server has dealt with it, what it kept is older than what is set here. A lost connection ends that, too.
      isAhead = true;
      const behind = (): void => {
        isAhead = false;
      };
      flush({ timeout: Infinity }).then(behind, behind);
    }

    function timeOf(isAgain: boolean): number {
      const { stamp } = version;
      return isAgain && stamp ? stamp[0] : version.renew(session.ownHandle)[0];
    }

    /** The server, and clients that know nothing of stamps, may have taken the older value for the newer one. */
    function sendAgain(): void {
      stopSettling ??= clock.after(Math.max(settleTime, interval ?? 0), () => {
        stopSettling = undefined;
        if (!version.isOwn || isWaiting()) return;
        publish(true);
        if (interval) stopInterval ??= clock.after(interval, pace);
      });
    }

    const isWaiting = (): boolean => isDue || session.outbound.holds(self.post);

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
        events.error(new OocsiError('invalid', why, { cause }));
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
      return listeners.attach(listener, options, stopped, known ? [copyOf(value), origin] : undefined);
    }

    function hearOthers(message: Message<Anything>): void {
      const { data, sender } = message;
      if (!Object.hasOwn(data, key) || message === born?.received) return;
      const written = stamped?.received === message ? writtenIn(stamped, key) : undefined;
      const verdict = version.judge(message, written);
      // What is to go out will be newer than what came in.
      for (const it of siblings) if (it.key === key && it.isWaiting) return;
      if (verdict === 'same' || (isAhead && !written) || !isWithin(sender)) return;
      if (verdict === 'newer') take(data[key], 'remote', sender);
      else if (smooth) average(data[key], sender);
      else if (version.isOwn && self.post && !isAhead) sendAgain();
    }

    /** With smoothing an older value counts, too, as it does for those to whom it came first. */
    function average(given: unknown, sender: string): void {
      const { current } = self;
      take(given, 'remote', sender);
      self.current = current;
    }

    /** Begins with what another variable of this key has, or else the server keeps. */
    function inherit(): void {
      const twin = twins.find((it) => it.value !== undefined);
      if (twin) {
        take(twin.value, twin.origin, session.ownHandle);
        self.current = twin.current;
        self.keptFor = twin.current === undefined ? 0 : (retain ?? 0);
      } else if (born) {
        const { received } = born;
        version.judge(received, writtenIn(born, key));
        take(received.data[key], received.sender === session.ownHandle ? 'local' : 'remote', received.sender);
      }
    }

    const self: Sibling = {
      key,
      version,
      get value() {
        return value;
      },
      get origin() {
        return origin;
      },
      get isWaiting() {
        return isWaiting();
      },
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
      begin(at) {
        if (known === undefined && (!isNumeric || typeof at === 'number') && start(at)) hear(value, origin);
      },
      drain() {
        if (isDue) publish();
      },
    };
    for (const it of [reference, first]) if (it !== undefined) check(it);
    const kept = session.retained(wire);
    const born = kept && Object.hasOwn(kept.received.data, key) ? kept : undefined;
    const stop = context.listen(wire, hearOthers, { readsOnly: true }, () => {
      off();
      self.drain();
      if (siblings.delete(self) && siblings.size === 0) byChannel.delete(wire);
      stopExpiry();
      stopInterval?.();
      stopSettling?.();
      listeners.end();
    });
    inherit();
    if (known === undefined && first !== undefined) {
      start(first);
      for (const twin of twins) twin.begin(value);
    }
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
      [Symbol.asyncIterator]: () => context.loop<Anything>(key, {}, subscribe),
    };
  };

  return {
    open,
    drain() {
      for (const siblings of byChannel.values()) for (const one of siblings) one.drain();
    },
  };
}

const isOwn = ({ origin }: Sibling): boolean => origin === 'local';

/** What variables send, by their keys. */
function dataOf(variables: readonly Sibling[]): Record<string, unknown> {
  return Object.fromEntries(variables.map((it) => [it.key, it.current]));
}

/** When what is only sent again was set, and by whom. */
function stampsOf(variables: readonly Sibling[]): object {
  const stamps = variables.map((it) => [it.key, it.version.stamp]);
  return variables.length > 0 ? { [keptKey]: Object.fromEntries(stamps) } : {};
}
