import { checkPlain, copyOf, type Message, OocsiError } from '../../protocol/index';
import { Listeners, type ListenOptions, type Unsubscribe, withBoundMethods } from '../../util/index';
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
  context.session.check();
  checkPlain('presence', name, 'a presence');
  return new OpenPresence(context, name);
}

class WatchedName implements Presence {
  readonly name: string;
  readonly #context: ClientContext;
  /** The name that is subscribed to. */
  readonly #wireName: string;
  readonly #listeners: Listeners<[PresenceEvent]>;
  readonly #stop: Unsubscribe;
  #kind: Presence['kind'];
  #members: ReadonlySet<string> = new Set();

  constructor(context: ClientContext, name: string) {
    this.name = name;
    this.#context = context;
    this.#wireName = `presence(${name})`;
    this.#listeners = new Listeners(context.events.failed, (event) => [copyOf(event)]);
    const stopped = (): void => this.#listeners.end();
    this.#stop = context.listen(this.#wireName, (message) => this.#receive(message), {}, stopped);
  }

  get kind(): Presence['kind'] {
    return this.#kind;
  }

  get members(): ReadonlySet<string> {
    return this.#members;
  }

  subscribe(listener: (event: PresenceEvent) => void, options?: ListenOptions): Unsubscribe {
    return this.#listeners.attach(listener, options);
  }

  [Symbol.asyncIterator](): AsyncIterator<PresenceEvent> {
    return this.#context.loop<PresenceEvent>(this.#wireName, {}, (push, options, end) =>
      this.#listeners.attach(push, options, end),
    );
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #receive({ data }: Message): void {
    const isClient = Object.hasOwn(data, 'client');
    const event = eventIn(data, isClient ? [this.name] : undefined);
    if (!event) {
      const text = `${this.#wireName} said ${JSON.stringify(data)}`;
      return this.#context.events.error(new OocsiError('protocol', text));
    }
    this.#kind = isClient ? 'client' : 'channel';
    this.#members = this.#membersAfter(event);
    this.#listeners.tell(event);
  }

  #membersAfter(event: PresenceEvent): ReadonlySet<string> {
    const isClient = this.#kind === 'client';
    const members = new Set(this.#members);
    switch (event.type) {
      case 'refresh':
        return new Set(event.members);
      case 'join':
        return members.add(event.who);
      case 'leave':
        members.delete(event.who);
        return members;
      case 'created':
        // A client that opens a channel is there.
        return isClient ? members.add(this.name) : members;
      case 'closed':
        // Of a client it says that a channel of it is gone, and nothing of the client itself.
        return isClient ? members : new Set();
      case 'timeout':
        return members;
    }
  }
}

/**
 * What a message of the server tells; undefined if it makes no sense.
 *
 * @param ofClient the members of a client: the list that the server gives is empty, and says that the client is there
 */
function eventIn(data: Message['data'], ofClient?: readonly string[]): PresenceEvent | undefined {
  const type = types.find((one) => Object.hasOwn(data, one));
  const told: unknown = type && data[type];
  switch (type) {
    case 'refresh': {
      const members = ofClient ?? told;
      return isTexts(members) ? { type, members } : undefined;
    }
    case 'created':
    case 'closed':
      return typeof told === 'string' ? { type } : undefined;
    case 'join':
    case 'leave':
    case 'timeout':
      return typeof told === 'string' ? { type, who: told } : undefined;
    default:
      return undefined;
  }
}

function isTexts(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((one) => typeof one === 'string');
}

/** Its verb may be taken off it. */
const OpenPresence = /* @__PURE__ */ withBoundMethods(WatchedName, ['subscribe']);
