import type { Random } from './random';

/** What a network does to what passes through it; each may be changed while it runs. */
export interface Toxics {
  /** Everything comes so many ms later, give or take. */
  latency?: { readonly ms: number; readonly jitter?: number };
  /** Bytes a second. */
  bandwidth?: number;
  /** Cuts what passes into pieces of 1 to so many bytes. */
  slicer?: number;
  /** Collects for so many ms, and then lets all pass as one piece. */
  coalesce?: number;
  /** Nothing passes, and nobody is told: from clients, to them, or both ways. */
  blackhole?: 'up' | 'down' | 'both';
  /** The connection ends after so many bytes in one direction. */
  limitData?: number;
  /** Spoils the n-th byte on its way to the client. */
  corruptByte?: number;
  /** The end of a connection is told so many ms late. */
  slowClose?: number;
  /** Resets the connection after 1 to so many bytes, again and again. */
  killEvery?: number;
}

/** One direction of one connection. */
export interface Flow {
  take(chunk: Buffer): void;
  /** Calls `ended` when all that was taken has passed. */
  end(ended: () => void): void;
  stop(): void;
}

export interface FlowEvents {
  pass(chunk: Buffer): void;
  /** A toxic ends the connection. */
  broken(toxic: 'limitData' | 'killEvery'): void;
}

/** Lets chunks pass as the toxics say: in order, and none twice. */
export function createFlow(way: 'up' | 'down', toxics: Readonly<Toxics>, random: Random, events: FlowEvents): Flow {
  const timers = new Set<NodeJS.Timeout>();
  let last = 0;
  let count = 0;
  let isStopped = false;
  let collected: Buffer[] | undefined;
  const lifeTime = toxics.killEvery === undefined ? Infinity : random.whole(1, toxics.killEvery);

  function at(time: number, task: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, time - Date.now());
    timers.add(timer);
  }

  function later(chunk: Buffer): void {
    const { latency, bandwidth } = toxics;
    const jitter = latency?.jitter ?? 0;
    const delay = latency ? Math.max(0, latency.ms + (random.next() * 2 - 1) * jitter) : 0;
    const duration = bandwidth ? (chunk.length / bandwidth) * 1_000 : 0;
    // Never before what came before.
    last = Math.max(last, Date.now() + delay) + duration;
    if (delay === 0 && duration === 0 && timers.size === 0) events.pass(chunk);
    else at(last, () => events.pass(chunk));
  }

  function slice(chunk: Buffer): void {
    const { slicer } = toxics;
    if (!slicer) return later(chunk);
    for (let start = 0, size = 0; start < chunk.length; start += size) {
      size = random.whole(1, slicer);
      later(chunk.subarray(start, start + size));
    }
  }

  function collect(chunk: Buffer): void {
    if (toxics.coalesce === undefined) return slice(chunk);
    if (collected) return void collected.push(chunk);
    collected = [chunk];
    at(Date.now() + toxics.coalesce, () => {
      const all = Buffer.concat(collected ?? []);
      collected = undefined;
      slice(all);
    });
  }

  return {
    take(chunk) {
      if (isStopped || toxics.blackhole === way || toxics.blackhole === 'both') return;
      const spoilt = way === 'down' ? (toxics.corruptByte ?? 0) - count - 1 : -1;
      if (spoilt >= 0 && spoilt < chunk.length) chunk[spoilt] = (chunk[spoilt] ?? 0) ^ 0xff;
      count += chunk.length;
      const most = Math.min(toxics.limitData ?? Infinity, lifeTime);
      const isOver = count >= most;
      const rest = isOver ? chunk.subarray(0, chunk.length - (count - most)) : chunk;
      if (rest.length > 0) collect(rest);
      if (isOver) events.broken(most === lifeTime ? 'killEvery' : 'limitData');
    },
    end(ended) {
      at(Math.max(last, Date.now() + (toxics.slowClose ?? 0)), ended);
    },
    stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
