import type { Speech } from './wire';

// Web pages speak the web dialect only, which has no questions. `questions.node.ts` takes the place of this file in Node.

/** What asks the server, where one can. */
export function askOf(_link: Pick<Speech, 'ask'> | undefined): Speech['ask'] {
  return undefined;
}

/** Whether a frame is an answer. */
export function isAnswer(_link: Speech | undefined, _frame: string): boolean {
  return false;
}
