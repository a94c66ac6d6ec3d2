import type { Broker } from '../broker/index';
import { createLocalLink } from '../broker/index';
import { Refusal } from './response';

/** Who speaks under a handle of his own for one message. */
export interface Guest {
  readonly handle: string;
  readonly address: string;
}

/**
 * Lets a client in that says one thing and leaves.
 *
 * @throws Refusal when the server does not let it in, or does not do what it asks
 */
export function speakAs(
  { accept }: Pick<Broker, 'accept'>,
  { handle, address }: Guest,
  recipient: string,
  data: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isIn = false;
    const events = accept(
      createLocalLink({
        welcome() {
          isIn = true;
          // It is in only when the welcome was said.
          queueMicrotask(() => {
            events.frame(`sendjson ${recipient} ${data}`);
            events.close();
            resolve();
          });
        },
        error(reason, code) {
          if (isIn) return reject(new Refusal(400, `Not sent: ${reason}.`));
          const isTaken = code === 'taken';
          const advice = isTaken ? 'choose another sender, or none' : 'check the sender';
          reject(new Refusal(isTaken ? 409 : 403, `Not sent, ${reason}: ${advice}.`));
        },
        closed: () => reject(new Refusal(503, 'Not sent: the server is stopping.')),
      }),
      'web',
      { address },
    );
    events.frame(handle);
  });
}
