import { OocsiError } from './core/errors';
import type { Adapter } from './core/link';

/** Takes the place of `tcp.ts` outside of Node, so that a bundle builds and says what is wrong. */
export function tcp(): Adapter {
  throw new OocsiError('unsupported', "A web page cannot speak TCP: use connect('ws://localhost:9000/ws').");
}
