import type { ServerResponse } from 'node:http';
import type { Clock } from '../../util/index';
import type { ServerLimits } from '../config/index';
import type { Scheduler } from '../flow/index';

/** What is needed to send a long answer. */
export interface LongAnswerParts {
  readonly clock: Clock;
  readonly limits: Pick<ServerLimits, 'writeDeadline'>;
  readonly scheduler: Scheduler;
}

/** What leaves in one go, in characters. */
const pieceLength = 2 ** 14;

/** Makes the body of an answer as it is sent, in slices of time and no faster than the far side takes it. */
export function sendParts(
  parts: Iterator<string>,
  response: Pick<ServerResponse, 'destroyed' | 'write' | 'once' | 'end' | 'destroy'>,
  { clock, limits, scheduler }: LongAnswerParts,
): void {
  let cancel: (() => void) | undefined;

  function goOn(): void {
    cancel?.();
    cancel = undefined;
    scheduler.begin();
    let text = '';
    for (;;) {
      if (response.destroyed) return;
      const next = parts.next();
      if (next.done) {
        response.end(text);
        return;
      }
      text += next.value;
      const isOver = !scheduler.hasTime();
      if (text.length < pieceLength && !isOver) continue;
      if (!response.write(text)) return waitForRoom();
      text = '';
      if (isOver) return scheduler.wait(goOn);
    }
  }

  function waitForRoom(): void {
    response.once('drain', goOn);
    cancel = clock.after(limits.writeDeadline, () => response.destroy());
  }

  response.once('close', () => cancel?.());
  goOn();
}
