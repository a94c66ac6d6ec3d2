import type { Adapter, Dialect, Link, LinkEvents } from '../protocol/index';
import { createLineSplitter, OocsiError } from '../protocol/index';
import { type Broker, type BrokerOptions, createBroker } from '../server/broker/index';
import type { Clock } from '../util/index';

/** Options of {@link createMemoryServer}. */
export interface MemoryServerOptions extends BrokerOptions {
  /** What clients speak: `web`, or `line` as over TCP, which only the build for Node knows. @default 'web' */
  readonly dialect?: Dialect;
  /** Hand in a virtual clock, so that minutes pass in milliseconds. */
  readonly clock?: Clock;
}

/** A server in the same program, with a network in between that does what a test wants. */
export interface MemoryServer {
  /** What clients connect to. */
  readonly adapter: Adapter;
  /** The server itself; after `start` it is a new one. */
  readonly broker: Broker;
  /** How many connections are open. */
  readonly connections: number;
  /** Ends all connections, as a network does that resets; gives how many there were. */
  cut(): number;
  /** Ends all connections, and lets nobody in: dials fail with `unreachable`. */
  stop(): void;
  /** Begins anew after `stop`: the server knows nothing of before. */
  start(): void;
  /**
   * Lets nothing through any more, without telling anybody: from clients (`up`), to them (`down`), or both ways. Who closes
   * such a connection is a ghost to the other side.
   */
  lose(way?: 'up' | 'down' | 'both'): void;
  /** Ends `lose`, for connections that are still open and for new ones. */
  heal(): void;
  /** Keeps what is under way, in both ways, until the returned function is called. */
  hold(): () => void;
  /** Cuts what is said into pieces of at most so many bytes; `line` dialect only. @default as it was sent */
  pieceSize: number;
}

/**
 * A server without a network, for tests: it can be cut, stopped, started, and made to lose or hold what is said.
 *
 * @example
 * const clock = createVirtualClock();
 * const server = createMemoryServer({ clock });
 * const oocsi = createClient(server.adapter, { handle: 'lamp', clock });
 * await clock.advance(0);
 * server.cut();
 * await clock.advance(1_000);
 * oocsi.state.status; //=> 'connected'
 */
export function createMemoryServer({ dialect = 'web', ...options }: MemoryServerOptions = {}): MemoryServer {
  const wires = new Set<(cause?: unknown) => void>();
  let broker = createBroker(options);
  let isRunning = true;
  let lost: 'up' | 'down' | 'both' | undefined;
  let held: (() => void)[] | undefined;

  const isLost = (way: 'up' | 'down'): boolean => lost === way || lost === 'both';

  /** Carries text to one end, later and in order, as a network does. */
  function carry(way: 'up' | 'down', to: End): (text: string) => void {
    const decoder = new TextDecoder();
    const take = dialect === 'line' ? createLineSplitter(to.frame) : to.frame;
    function arrive(text: string): void {
      if (isLost(way)) return;
      const bytes = new TextEncoder().encode(text);
      const size = dialect === 'line' ? server.pieceSize : Infinity;
      for (let at = 0; at < bytes.length; at += size) {
        take(decoder.decode(bytes.subarray(at, Math.min(bytes.length, at + size)), { stream: true }));
      }
    }
    return (text) => {
      const task = (): void => (held ? void held.push(task) : arrive(text));
      queueMicrotask(task);
    };
  }

  async function dial(events: LinkEvents, signal: AbortSignal): Promise<Link> {
    signal.throwIfAborted();
    if (!isRunning) throw new OocsiError('unreachable', 'Nothing answers at memory: the test stopped the server.');
    const [near, far] = [createEnd(), createEnd()];
    const end = (cause?: unknown): void => {
      wires.delete(end);
      near.close(cause);
      far.close(cause);
    };
    function linkOf(here: End, there: End, way: 'up' | 'down'): Link {
      return {
        send: carry(way, there),
        close: () =>
          queueMicrotask(() => {
            // Of a link that is lost only this side knows that it ended: the other one keeps a ghost.
            if (isLost(way)) here.close();
            else end();
          }),
        buffered: 0,
      };
    }
    near.events = events;
    far.events = broker.accept(linkOf(far, near, 'down'), dialect);
    wires.add(end);
    return linkOf(near, far, 'up');
  }

  function cut(): number {
    const all = [...wires];
    for (const end of all) end(new Error('the test cut the connection'));
    return all.length;
  }

  const server: MemoryServer = {
    adapter: { name: 'memory', dialect, dial },
    pieceSize: Infinity,
    get broker() {
      return broker;
    },
    get connections() {
      return wires.size;
    },
    cut,
    stop() {
      isRunning = false;
      cut();
      broker.close();
    },
    start() {
      if (isRunning) return;
      isRunning = true;
      broker = createBroker(options);
    },
    lose(way = 'both') {
      lost = way;
    },
    heal() {
      lost = undefined;
    },
    hold() {
      const mine: (() => void)[] = [];
      held = mine;
      return () => {
        if (held !== mine) return;
        held = undefined;
        for (const task of mine) task();
      };
    },
  };
  return server;
}

/** One side of a connection: what it is told, until it has ended. */
interface End {
  events?: LinkEvents;
  readonly frame: (frame: string) => void;
  close(cause?: unknown): void;
}

function createEnd(): End {
  const end: End = {
    frame: (frame) => end.events?.frame(frame),
    close(cause) {
      const { events } = end;
      delete end.events;
      events?.close(cause);
    },
  };
  return end;
}
