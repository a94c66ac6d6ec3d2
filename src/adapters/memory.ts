import type { Accept, Adapter, Link, LinkEvents } from '../core/link';

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
      const later = (task: () => void): void => queueMicrotask(task);
      const ends: LinkEvents[] = [];
      const close = (): void => {
        if (!open) return;
        open = false;
        for (const end of ends) later(() => end.close());
      };
      const linkTo = (other: () => LinkEvents): Link => ({
        send(frame) {
          if (open) later(() => other().frame(frame));
        },
        close,
        buffered: 0,
      });
      const server = accept(linkTo(() => events));
      ends.push(server, events);
      return linkTo(() => server);
    },
  };
}
