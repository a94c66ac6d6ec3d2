import { OocsiError } from './protocol/errors';
import type { Adapter } from './protocol/link';

/** Takes the place of `tcp.ts` outside of Node, so that a bundle builds and says what is wrong. */
export function tcp(): Adapter {
  throw new OocsiError('unsupported', "A web page cannot speak TCP: use connect('ws://localhost:9000/ws').");
}
