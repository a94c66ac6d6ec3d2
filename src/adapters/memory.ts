import type { Accept, Adapter, Link, LinkEvents } from '../protocol/index';

/**
 * An adapter to a server in the same program: for tests, and for pages that need no network.
 *
 * @param accept such as `createBroker().accept` of `oocsi-client/server`
 * @example
 * const broker = createBroker();
 * const oocsi = await connect(memory(broker.accept));
 */
export function memory(accept: Accept): Adapter {
  return {
    name: 'memory',
    dialect: 'web',
    async dial(events, signal) {
      signal.throwIfAborted();
      let open = true;
      // Each side hears of things in a later turn, in order, as it would from a network.
      const later = (task: () => void): void => {
        if (open) queueMicrotask(task);
      };
      const linkTo = (other: () => LinkEvents): Link => ({
        send: (frame) => later(() => other().frame(frame)),
        close() {
          later(() => {
            events.close();
            server.close();
          });
          open = false;
        },
        buffered: 0,
      });
      const server = accept(linkTo(() => events));
      return linkTo(() => server);
    },
  };
}
