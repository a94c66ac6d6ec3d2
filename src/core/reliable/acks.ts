import { type Incoming, masked, OocsiError } from '../../protocol/index';
import { checkNumbers, checkOptions } from '../../util/index';
import type { Ack, AckOptions, ClientContext, SendAcked } from '../messaging/index';
import { RejectionWatch } from './rejected';
import { SendStream, type SendStreamHost, UnackedMessage } from './send-stream';

const ackOptions: readonly (keyof AckOptions)[] = ['receivers', 'timeout', 'signal'];
/** How long a message is sent again by default, in ms. */
const defaultTimeout = 30_000;

/** @param size how many messages to one recipient it takes while there is no connection */
export function createAcks(context: ClientContext, size = 1_000): SendAcked {
  const sender = new AckedSender(context, size);
  return (recipient, data, ack, extra) => sender.send(recipient, data, ack, extra);
}

/** Sends messages until they are acknowledged, in one stream for each recipient. */
class AckedSender implements SendStreamHost {
  readonly context: ClientContext;
  readonly #size: number;
  readonly #byRecipient = new Map<string, SendStream>();
  readonly #byId = new Map<unknown, SendStream>();
  readonly #rejections: RejectionWatch;

  constructor(context: ClientContext, size: number) {
    this.context = context;
    this.#size = size;
    this.#rejections = new RejectionWatch(context, {
      all: () => this.#all(),
      resume: () => this.#resume(),
    });
    context.events.when('closed', () => {
      for (const stream of this.#byId.values()) this.forget(stream);
    });
    context.session.divert((incoming) => this.#take(incoming));
  }

  get isConnected(): boolean {
    return this.context.session.shown.status === 'connected';
  }

  get maySend(): boolean {
    return this.isConnected && !this.#rejections.isTrying;
  }

  async send(recipient: string, data: object, ack: true | AckOptions, extra: object): Promise<Ack> {
    const options = ack === true ? {} : ack;
    checkOptions(options, ackOptions, 'ack');
    const { receivers = 1, timeout = defaultTimeout, signal } = options;
    checkNumbers({ receivers }, 1);
    const stream = this.#byRecipient.get(recipient) ?? new SendStream(this, recipient);
    const keys = { ...extra, _SID: stream.id, _SEQ: stream.nextNumber, _ACK: true };
    const posted = this.context.compose(recipient, data, keys);
    if (!this.isConnected && stream.size >= this.#size) {
      throw new OocsiError('disconnected', `${this.#size} messages wait.`);
    }
    const late = (): string => `Is ${masked(recipient)} subscribed as reliable? It did not acknowledge`;
    return this.context.first<Ack>(late, { timeout, signal }, (push, _options, reject) => {
      const waiting = { receivers, push, reject };
      this.#byRecipient.set(recipient, stream);
      this.#byId.set(stream.id, stream);
      return stream.add(new UnackedMessage(stream, posted, waiting, this.context.clock.monotonic()));
    });
  }

  forget(stream: SendStream): void {
    stream.end();
    this.#byId.delete(stream.id);
    this.#byRecipient.delete(stream.recipient);
  }

  /** Takes an acknowledgement. */
  #take({ wireKeys, received: { sender, recipient } }: Incoming): boolean {
    const answer: unknown = wireKeys.get('_ACK');
    if (!Array.isArray(answer) || recipient !== this.context.session.ownHandle) return false;
    const [id, last, base = 1] = answer;
    // A late one, of a stream that is forgotten, is no message to anybody either.
    this.#byId.get(id)?.acknowledge(sender, Number(base), Number(last));
    return true;
  }

  /** In the order in which they leave. */
  #all(): UnackedMessage[] {
    return [...this.#byId.values()].flatMap((stream) => [...stream.messages()]);
  }

  #resume(): void {
    for (const stream of this.#byId.values()) stream.dispatch(true);
  }
}
