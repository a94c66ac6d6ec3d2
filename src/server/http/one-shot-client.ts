import type { Broker } from '../broker/index';
import { createLocalLink } from '../broker/index';
import { HttpError } from './response';

/** A message that is sent under a handle of its own. */
export interface OneShotMessage {
  readonly sender: string;
  /** The address of the machine that sends it. */
  readonly address: string;
  readonly recipient: string;
  /** One JSON object. */
  readonly data: string;
}

/**
 * Lets a client in that sends one message and leaves.
 *
 * @throws HttpError when the server does not let it in, or does not send the message
 */
export function sendOnce({ accept }: Pick<Broker, 'accept'>, message: OneShotMessage): Promise<void> {
  const { sender, address, recipient, data } = message;
  return new Promise((resolve, reject) => {
    let isIn = false;
    const link = createLocalLink({
      welcome() {
        isIn = true;
        // The client is in only after it was told of the welcome.
        queueMicrotask(() => {
          events.frame(`sendjson ${recipient} ${data}`);
          events.close();
          resolve();
        });
      },
      error(reason, code) {
        if (isIn) return reject(new HttpError(400, `Not sent: ${reason}.`));
        const isTaken = code === 'taken';
        const advice = isTaken ? 'choose another sender, or none' : 'check the sender';
        reject(new HttpError(isTaken ? 409 : 403, `Not sent, ${reason}: ${advice}.`));
      },
      closed: () => reject(new HttpError(503, 'Not sent: the server is stopping.')),
    });
    const events = accept(link, 'web', { address });
    events.frame(sender);
  });
}
