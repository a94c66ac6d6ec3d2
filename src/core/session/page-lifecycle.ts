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

/** What is told of the page. */
export interface PageListener {
  /** The page goes to sleep, so that its connection would only be a ghost. */
  asleep(): void;
  /** The page is awake again, or has a network again. */
  awake(): void;
  /** Its user does something. */
  used(): void;
}

/**
 * Watches the page, until the returned function is called. There is no `unload` listener: it would keep the page out of
 * the back/forward cache.
 */
export function watchPage(listener: PageListener): () => void {
  // Outside of pages and workers there is nothing to watch.
  if (!globalThis.addEventListener) return () => {};
  const over = new AbortController();
  const asleep = (): void => listener.asleep();
  const awake = (): void => listener.awake();
  const used = (): void => listener.used();
  const visibilitychange = (): unknown => isHidden() || awake();
  const tasks = {
    pagehide: asleep,
    freeze: asleep,
    pageshow: awake,
    resume: awake,
    online: awake,
    visibilitychange,
    focus: used,
    click: used,
    keydown: used,
  };
  for (const [name, task] of Object.entries(tasks)) {
    // Events of the document pass through here on their way down to it.
    globalThis.addEventListener(name, task, { capture: true, signal: over.signal });
  }
  return () => over.abort();
}
