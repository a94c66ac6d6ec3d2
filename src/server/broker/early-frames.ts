import type { Peer } from '../domain/index';

/** What a client says before it is known whether it is let in. */
export interface Early {
  /** Whether something is to wait. */
  readonly isOpen: boolean;
  /** From now on, what comes waits; `first` comes before all of it. */
  open(first: string | undefined): void;
  /** Reads no more of the client than what is on its way, for a verdict that takes a while. */
  hold(): void;
  /** Whether there was room for it. */
  add(frame: string): boolean;
  /** Ends the waiting; gives what has waited. */
  close(): string[];
}

/** @param longest of all frames together, in characters */
export function createEarly(peer: Peer, longest: number): Early {
  let frames: string[] | undefined;
  let size = 0;
  let isHeld = false;
  return {
    get isOpen() {
      return frames !== undefined;
    },
    open(first) {
      frames = first === undefined ? [] : [first];
    },
    hold() {
      isHeld = true;
      peer.hold?.();
    },
    add(frame) {
      frames?.push(frame);
      size += frame.length;
      return size <= longest;
    },
    close() {
      const all = frames ?? [];
      frames = undefined;
      if (isHeld) peer.release?.();
      isHeld = false;
      return all;
    },
  };
}
