import type { Speech } from './wire';

/** Who asks the server over the link that there is. */
export interface Asking {
  /** What asks the server, where the dialect has questions and there is a link; it is answered in the order asked. */
  readonly ask?: () => Speech['ask'];
}

export function askingOver(link: () => Speech | undefined): Asking {
  return { ask: () => link()?.ask };
}

/** What asks the server, where one can. */
export function askOf({ ask }: Asking): Speech['ask'] {
  return ask?.();
}

/** Whether a frame is an answer. */
export function isAnswer(link: Speech | undefined, frame: string): boolean {
  return link?.hear?.(frame) ?? false;
}
