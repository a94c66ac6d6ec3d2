import type { Incoming, Message } from '../../protocol/index';
import { asError, channelOf } from '../../protocol/index';
import { OwnedMap } from '../../util/index';
import type { ClientContext } from '../messaging/index';
import { ReceiveStream } from './receive-stream';

/**
 * How many streams are remembered of each sender, and of all senders together: no sender makes this client forget what
 * others send.
 */
const limits = { perOwner: 1_000, inAll: 100_000 };
/** The longest id of a stream, in characters; ours have at most 27. */
const longestId = 100;

/**
 * Drops what arrives twice of numbered messages. For reliable subscribers it also puts them in order and acknowledges them,
 * and tells by the event `gap` what will never come. See "Acknowledged messages" in PROTOCOL.md.
 */
export function keepOrder(context: ClientContext): void {
  const order = new MessageOrder(context);
  context.session.divert((incoming) => order.take(incoming));
}

class MessageOrder {
  readonly #context: ClientContext;
  /**
   * By id and channel. A stream belongs to the sender of its first message; it goes on under whatever handle its sender
   * comes back. Made with the first numbered message.
   */
  #streams: OwnedMap<ReceiveStream> | undefined;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** Takes a numbered message; tells whether it is one. */
  take({ wireKeys, received: message }: Incoming): boolean {
    const [number, id] = [wireKeys.get('_SEQ'), wireKeys.get('_SID')];
    if (!isNumber(number) || !isId(id)) return false;
    const { session } = this.#context;
    const channel = channelOf(message.recipient);
    const senderBase = Number(wireKeys.get('_BASE')) || 0;
    const stream = this.#streamAt(`${id} ${channel}`, message.sender, senderBase || number);
    const isNew = stream.hold(number, message);
    if (session.relies(message.recipient)) {
      const missed = stream.advance(senderBase, (ready) => session.pass(ready));
      if (missed) this.#context.events.emit('gap', { channel, sender: message.sender, missed });
      this.#acknowledge(message, id, stream);
    } else {
      if (isNew) session.pass(message);
      stream.advance(senderBase, () => {});
    }
    return true;
  }

  /** The stream that is known by this key, or a new one of the sender. */
  #streamAt(key: string, sender: string, first: number): ReceiveStream {
    this.#streams ??= new OwnedMap(limits);
    const stream = this.#streams.get(key) ?? new ReceiveStream(first);
    this.#streams.set(key, stream, sender);
    return stream;
  }

  #acknowledge({ sender }: Message, id: unknown, { last, base }: ReceiveStream): void {
    try {
      const posted = this.#context.compose(sender, {}, { _ACK: [id, last, base] });
      this.#context.session.outbound.post(posted, 'keep');
    } catch (thrown) {
      this.#context.events.error(asError(thrown));
    }
  }
}

/** One that has a next one: where numbers are too large to be counted on, all that comes would be held for ever. */
function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isId(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= longestId);
}
