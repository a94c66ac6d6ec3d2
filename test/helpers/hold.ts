import type { Peer } from '../../src/server/domain/peer';

/** Counts how often something is held. */
export function createHold(pause: () => void, resume: () => void): Required<Pick<Peer, 'hold' | 'release'>> {
  let holds = 0;
  return {
    hold() {
      if (holds++ === 0) pause();
    },
    release() {
      if (--holds === 0) resume();
    },
  };
}
