import type { Speech } from './wire';

/** What asks the server, where one can. */
export function askOf(link: Pick<Speech, 'ask'> | undefined): Speech['ask'] {
  return link?.ask;
}

/** Whether a frame is an answer. */
export function isAnswer(link: Speech | undefined, frame: string): boolean {
  return link?.hear?.(frame) ?? false;
}
