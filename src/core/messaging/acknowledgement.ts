import type { ListenOptions } from '../../util/index';

/** How a message is to be acknowledged. */
export interface AckOptions extends ListenOptions {
  /** How many clients have to acknowledge it. @default 1 */
  readonly receivers?: number | undefined;
  /** How long to try, in ms. @default 30_000 */
  readonly timeout?: number | undefined;
}

/** Who acknowledged a message. */
export interface Ack {
  /** Their handles. */
  readonly receivers: readonly string[];
  /** How long it took, in ms. */
  readonly time: number;
}

/** Sends messages with numbers, and again until they are acknowledged. See "Acknowledged messages" in PROTOCOL.md. */
export type SendAcked = (recipient: string, data: object, ack: true | AckOptions, extra: object) => Promise<Ack>;
