// The one file of the core that knows of pages: what it looks for is there or not, in workers and in Node.

import { isNear } from '../../protocol/index';

/** Whether nobody sees the page. */
export function isHidden(): boolean {
  return globalThis.document?.hidden;
}

/** Whether this machine has no network, as far as the browser knows; a server that is near may be there all the same. */
export function isOffline(address: string): boolean {
  return globalThis.navigator?.onLine === false && !isNear(address);
}

/**
 * Tells when the page goes to sleep, so that its connection would only be a ghost, when it is awake again or has a
 * network again, and when its user does something. There is no `unload` listener: it would keep the page out of the
 * back/forward cache.
 *
 * @param signal ends it
 */
export function watchPage(
  { asleep, awake, used }: { asleep(): void; awake(): void; used(): void },
  signal: AbortSignal,
): void {
  const visibilitychange = (): unknown => isHidden() || awake();
  const tasks = {
    ...{ pagehide: asleep, freeze: asleep },
    ...{ pageshow: awake, resume: awake, online: awake, visibilitychange },
    ...{ focus: used, click: used, keydown: used },
  };
  for (const [name, task] of Object.entries(tasks)) {
    // Events of the document pass through here on their way down to it.
    globalThis.addEventListener?.(name, task, { capture: true, signal });
  }
}
