import type { Dialect, Link } from './link';
import { asciiOnly } from './wire';

/** Beyond this many characters a piece leaves before its turn ends. */
const pieceSize = 65_536;

/** Hands frames to a link; in the line dialect the lines of one turn leave as one piece. */
export interface Writer {
  write(frame: string): void;
  /** Hands over what is waiting, then closes the link. */
  close(): void;
}

/** `failed` is told when the link throws. */
export function createWriter(link: Link, dialect: Dialect, failed: (thrown: unknown) => void): Writer {
  let lines = '';
  const handOver = (frames: string): void => {
    try {
      link.send(frames);
    } catch (thrown) {
      failed(thrown);
    }
  };
  const flush = (): void => {
    if (lines !== '') handOver(asciiOnly(lines));
    lines = '';
  };
  return {
    write(frame) {
      if (dialect === 'web') return handOver(frame);
      if (lines === '') queueMicrotask(flush);
      lines += frame;
      if (lines.length > pieceSize) flush();
    },
    close() {
      flush();
      link.close();
    },
  };
}
