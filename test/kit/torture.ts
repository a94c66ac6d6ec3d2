import type { Adapter, Link } from '../../src/index';

/** How often an adapter and its links were called, and which call is to fail. */
export interface Strain {
  readonly adapter: Adapter;
  /** Calls so far: dial, send, close and buffered. */
  readonly calls: number;
}

/** How calls fail: the n-th one; it and three more; or from it on nothing passes on that link, and nobody is told. */
export type Failure = 'once' | 'outage' | 'silence';

/** How many calls in a row fail in an outage. */
const outage = 4;

/**
 * An adapter whose n-th transport call fails: a dial rejects, a send or close throws away the link. Run a scenario once
 * without (`failing` Infinity), count the calls, and again for each of them.
 */
export function createStrain(inner: Adapter, failing: number, failure: Failure = 'once'): Strain {
  let calls = 0;
  const last = failure === 'outage' ? failing + outage - 1 : failing;
  const isToFail = (): boolean => ++calls >= failing && calls <= last;
  const fault = (what: string): Error => new Error(`call ${calls}, ${what}, fails`);
  return {
    get calls() {
      return calls;
    },
    adapter: {
      name: inner.name,
      dialect: inner.dialect,
      async dial(events, signal) {
        if (isToFail()) throw fault('dial');
        let [isOver, isSilent] = [false, false];
        const close = (cause?: unknown): void => {
          if (isOver || isSilent) return;
          isOver = true;
          events.close(cause);
        };
        const frame = (text: string): void => {
          if (!isOver && !isSilent) events.frame(text);
        };
        const link = await inner.dial({ frame, close }, signal);
        // A link does not throw: it ends.
        const end = (what: string): void => {
          if (failure === 'silence') {
            isSilent = true;
            return;
          }
          const cause = fault(what);
          queueMicrotask(() => close(cause));
          link.close();
        };
        const strained: Link = {
          send(text) {
            if (isToFail()) end('send');
            else if (!isSilent) link.send(text);
          },
          close() {
            if (isToFail()) end('close');
            // The network forgets a silent link, so that its server is rid of it some day.
            link.close();
          },
          get buffered() {
            return link.buffered;
          },
        };
        return strained;
      },
    },
  };
}
