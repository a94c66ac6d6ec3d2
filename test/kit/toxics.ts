import type { Clock } from '../../src/index';
import { systemClock } from '../../src/util/clock';
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
  /** Nothing passes, not even the end, and nobody is told: from clients, to them, or both ways. */
  blackhole?: 'up' | 'down' | 'both';
  /** The connection is reset behind so many bytes from a client, or to it. */
  limitData?: { readonly up?: number; readonly down?: number };
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
  /** Bytes that were taken and have not passed yet. */
  readonly waiting: number;
  stop(): void;
}

export interface FlowEvents {
  pass(chunk: Buffer): void;
  /** A toxic ends the connection. */
  broken(toxic: 'limitData' | 'killEvery'): void;
  /** A toxic did something that nobody can see from outside. */
  note(text: string): void;
}

/** Lets chunks pass as the toxics say: in order, and none twice. */
export function createFlow(
  way: 'up' | 'down',
  toxics: Readonly<Toxics>,
  random: Random,
  events: FlowEvents,
  clock: Clock = systemClock,
): Flow {
  /** In the order in which it passes. A timer for each would not do: timers of about the same time run in any order. */
  const queue: { readonly due: number; readonly size: number; readonly task: () => void }[] = [];
  let collected: Buffer[] = [];
  let stopTimer: (() => void) | undefined;
  let stopCollecting: (() => void) | undefined;
  let isStopped = false;
  let last = 0;
  let count = 0;
  let waiting = 0;
  let lifeTime: number | undefined;

  function run(): void {
    stopTimer?.();
    stopTimer = undefined;
    for (let [next] = queue; next && next.due <= clock.now(); [next] = queue) {
      queue.shift();
      waiting -= next.size;
      next.task();
    }
    const [next] = queue;
    if (next) stopTimer = clock.after(next.due - clock.now(), run);
  }

  function enqueue(due: number, size: number, task: () => void): void {
    last = due;
    waiting += size;
    queue.push({ due, size, task });
    if (queue.length === 1) run();
  }

  function later(chunk: Buffer): void {
    const { latency, bandwidth } = toxics;
    const jitter = latency?.jitter ?? 0;
    const delay = latency ? Math.max(0, latency.ms + (random.next() * 2 - 1) * jitter) : 0;
    const duration = bandwidth ? (chunk.length / bandwidth) * 1_000 : 0;
    // Never before what came before.
    enqueue(Math.max(last, clock.now() + delay) + duration, chunk.length, () => events.pass(chunk));
  }

  function slice(chunk: Buffer): void {
    const { slicer } = toxics;
    if (!slicer) return later(chunk);
    for (let start = 0, size = 0; start < chunk.length; start += size) {
      size = random.whole(1, slicer);
      later(chunk.subarray(start, start + size));
    }
  }

  function release(): void {
    stopCollecting?.();
    stopCollecting = undefined;
    if (collected.length > 0) slice(Buffer.concat(collected.splice(0)));
  }

  function collect(chunk: Buffer): void {
    if (toxics.coalesce === undefined && !stopCollecting) return slice(chunk);
    collected.push(chunk);
    stopCollecting ??= clock.after(toxics.coalesce ?? 0, release);
  }

  const flow: Flow = {
    take(chunk) {
      if (isStopped) return;
      if (toxics.blackhole === way || toxics.blackhole === 'both') return events.note(`${way}: ${chunk.length} lost`);
      const spoilt = way === 'down' ? (toxics.corruptByte ?? 0) - count - 1 : -1;
      if (spoilt >= 0 && spoilt < chunk.length) {
        chunk[spoilt] = (chunk[spoilt] ?? 0) ^ 0xff;
        events.note(`${way}: byte ${toxics.corruptByte} spoilt`);
      }
      if (toxics.killEvery !== undefined) lifeTime ??= count + random.whole(1, toxics.killEvery);
      const most = Math.min(toxics.limitData?.[way] ?? Infinity, lifeTime ?? Infinity);
      const rest = chunk.subarray(0, Math.max(0, most - count));
      count += chunk.length;
      if (rest.length > 0) collect(rest);
      if (count < most) return;
      release();
      isStopped = true;
      enqueue(Math.max(last, clock.now()), 0, () => events.broken(most === lifeTime ? 'killEvery' : 'limitData'));
    },
    end(ended) {
      if (isStopped) return;
      if (toxics.blackhole === way || toxics.blackhole === 'both') return events.note(`${way}: end lost`);
      release();
      enqueue(Math.max(last, clock.now() + (toxics.slowClose ?? 0)), 0, ended);
    },
    get waiting() {
      return collected.reduce((sum, { length }) => sum + length, waiting);
    },
    stop() {
      isStopped = true;
      stopTimer?.();
      stopCollecting?.();
      queue.length = 0;
      collected = [];
    },
  };
  return flow;
}
