import { checkPlain, copyOf, type Message, OocsiError } from '../../protocol/index';
import { Listeners, type ListenOptions, type Unsubscribe } from '../../util/index';
import type { ClientContext } from '../messaging/index';

/**
 * What happens to who is there: a client joins or leaves, `timeout` names a fellow watcher who vanished, `created` and
 * `closed` tell of channels, and `refresh` is the list of all members.
 */
export type PresenceEvent =
  | { readonly type: 'join' | 'leave' | 'timeout'; readonly who: string }
  | { readonly type: 'created' | 'closed' }
  | { readonly type: 'refresh'; readonly members: readonly string[] };

/** Who is on a channel, or whether a client is there. */
export interface Presence extends AsyncIterable<PresenceEvent>, Disposable {
  readonly name: string;
  /** What the name belongs to, once the server has told: for a handle, the only member is the handle itself. */
  readonly kind: 'channel' | 'client' | undefined;
  /**
   * Who is there now. Each change makes a new set. It is empty until the server tells: at once on ours, within 5 s on the
   * Java server and where this client watches the name already.
   */
  readonly members: ReadonlySet<string>;
  /** Calls the listener on every event, after `members` has followed it. */
  subscribe(listener: (event: PresenceEvent) => void, options?: ListenOptions): Unsubscribe;
  /** Stops watching; loops end. */
  [Symbol.dispose](): void;
}

const types = ['join', 'leave', 'timeout', 'created', 'closed', 'refresh'] as const;

/** Watches a channel or a client, over all reconnects. */
export function createPresence(context: ClientContext, name: string): Presence {
  const { session, events } = context;
  session.check();
  checkPlain('presence', name, 'a presence');
  const watched = `presence(${name})`;
  const listeners = new Listeners<[PresenceEvent]>(events.failed, (event) => [copyOf(event)]);
  let kind: Presence['kind'];
  let members: ReadonlySet<string> = new Set();

  function hear({ data }: Message): void {
    const type = types.find((one) => Object.hasOwn(data, one));
    const isClient = Object.hasOwn(data, 'client');
    const who = type && data[type];
    // Of a client the list is empty, and says that he is there.
    const list = isClient ? [name] : who;
    const isSound = type === 'refresh' ? Array.isArray(list) && list.every(isText) : isText(who);
    if (!type || !isSound) return events.error(new OocsiError('protocol', `${watched} said ${JSON.stringify(data)}`));
    kind = isClient ? 'client' : 'channel';
    // `closed` says of a client that a channel of his is gone, and nothing of himself.
    const now = new Set<string>(type === 'refresh' ? list : type === 'closed' && !isClient ? [] : members);
    // Whoever opens a channel is there.
    if (type === 'created' && isClient) now.add(name);
    if (type === 'join') now.add(who);
    if (type === 'leave') now.delete(who);
    members = now;
    listeners.tell(
      type === 'refresh' ? { type, members: list } : type === 'created' || type === 'closed' ? { type } : { type, who },
    );
  }

  return {
    name,
    get kind() {
      return kind;
    },
    get members() {
      return members;
    },
    subscribe: (listener, options) => listeners.attach(listener, options),
    [Symbol.dispose]: context.listen(watched, hear, {}, () => listeners.end()),
    [Symbol.asyncIterator]: () =>
      context.loop<PresenceEvent>(watched, {}, (push, form, end) => listeners.attach(push, form, end)),
  };
}

function isText(it: unknown): boolean {
  return typeof it === 'string';
}
