import type { Home } from '../broker/index';
import { createInsider } from '../broker/index';

/** Lets in the client `echo`, which sends back to each sender what it is sent. */
export function addEcho({ attach }: Pick<Home, 'attach'>): void {
  const echo = createInsider(
    (link, peer) => attach('echo', link, peer),
    ({ sender, data }) => echo.send(sender, data),
  );
}
