// The one file of the core that knows of pages: what it looks for is there or not, in workers and in Node.

import { isLocal } from './link';

/** Whether nobody sees the page. */
export function isHidden(): boolean {
  return globalThis.document?.hidden;
}

/** Whether this machine has no network, as far as the browser knows; a server on the machine itself needs none. */
export function isOffline(address: string): boolean {
  return globalThis.navigator?.onLine === false && !isLocal(address);
}

/**
 * Tells when the page goes to sleep, so that its connection would only be a ghost, and when it is awake again or has a
 * network again. There is no `unload` listener: it would keep the page out of the back/forward cache.
 *
 * @param signal ends it
 */
export function onSleep(asleep: () => unknown, awake: () => void, signal: AbortSignal): void {
  const visibilitychange = (): unknown => isHidden() || awake();
  const tasks = { pagehide: asleep, freeze: asleep, pageshow: awake, resume: awake, online: awake, visibilitychange };
  for (const [name, task] of Object.entries(tasks)) {
    // Events of the document pass through here on their way down to it.
    globalThis.addEventListener?.(name, task, { capture: true, signal });
  }
}
