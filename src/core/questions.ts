import type { Speech } from './wire';

// Web pages speak the web dialect only, which has no questions. `questions.node.ts` takes the place of this file in Node.

/** Who asks the server over the link that there is. */
export interface Asking {
  /** What asks the server, where the dialect has questions and there is a link; it is answered in the order asked. */
  readonly ask?: () => Speech['ask'];
}

export function askingOver(_link: () => Speech | undefined): Asking {
  return {};
}

/** What asks the server, where one can. */
export function askOf(_asking: Asking): Speech['ask'] {
  return undefined;
}

/** Whether a frame is an answer. */
export function isAnswer(_link: Speech | undefined, _frame: string): boolean {
  return false;
}
