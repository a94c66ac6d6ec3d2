import { type Encode, encodeData } from './message';

/** Puts data into JSON, for one client. `encode.node.ts` takes the place of this file in Node. */
export function createEncoder(): Encode {
  return encodeData;
}
