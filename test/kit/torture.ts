import type { Adapter, Link } from '../../src/index';

/** How often an adapter and its links were called, and which call is to fail. */
export interface Strain {
  readonly adapter: Adapter;
  /** Calls so far: dial, send, close and buffered. */
  readonly calls: number;
}

/**
 * An adapter whose n-th transport call fails: a dial rejects, a send or close throws away the link. Run a scenario once
 * without (`failing` Infinity), count the calls, and again for each of them.
 */
export function createStrain(inner: Adapter, failing: number): Strain {
  let calls = 0;
  const isToFail = (): boolean => ++calls === failing;
  const fault = (what: string): Error => new Error(`call ${failing}, ${what}, fails`);
  return {
    get calls() {
      return calls;
    },
    adapter: {
      name: inner.name,
      dialect: inner.dialect,
      async dial(events, signal) {
        if (isToFail()) throw fault('dial');
        let isOver = false;
        const close = (cause?: unknown): void => {
          if (isOver) return;
          isOver = true;
          events.close(cause);
        };
        const link = await inner.dial({ frame: (frame) => isOver || events.frame(frame), close }, signal);
        // A link does not throw: it ends.
        const end = (what: string): void => {
          queueMicrotask(() => close(fault(what)));
          link.close();
        };
        const strained: Link = {
          send(frame) {
            if (isToFail()) end('send');
            else link.send(frame);
          },
          close() {
            if (isToFail()) end('close');
            else link.close();
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
