import type { ServerBroker } from '../broker/index';
import { createLocalClient } from '../broker/index';

/** Lets in the client `echo`, which sends back to each sender what it is sent. */
export function addEcho({ attach }: Pick<ServerBroker, 'attach'>): void {
  const echo = createLocalClient(
    (link, peer) => attach('echo', link, peer),
    ({ sender, data }) => echo.send(sender, data),
  );
}
