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
   * Lets nothing through any more, without telling anybody: from clients (`up`), to them (`down`), or both ways. A side
   * that closes such a connection leaves a ghost at the other one.
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
  const connections = new Set<(cause?: unknown) => void>();
  const network = new MemoryNetwork(dialect);
  let broker = createBroker(options);
  let isRunning = true;

  async function dial(events: LinkEvents, signal: AbortSignal): Promise<Link> {
    signal.throwIfAborted();
    if (!isRunning) throw new OocsiError('unreachable', 'Nothing answers at memory: the test stopped the server.');
    const [near, far] = [createEnd(), createEnd()];
    const end = (cause?: unknown): void => {
      connections.delete(end);
      near.close(cause);
      far.close(cause);
    };
    near.events = events;
    far.events = broker.accept(network.link({ here: far, there: near, way: 'down', end }), dialect);
    connections.add(end);
    return network.link({ here: near, there: far, way: 'up', end });
  }

  function cut(): number {
    const all = [...connections];
    for (const end of all) end(new Error('the test cut the connection'));
    return all.length;
  }

  const server: MemoryServer = {
    adapter: { name: 'memory', dialect, dial },
    get pieceSize() {
      return network.pieceSize;
    },
    set pieceSize(size) {
      network.pieceSize = size;
    },
    get broker() {
      return broker;
    },
    get connections() {
      return connections.size;
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
    lose: (way = 'both') => network.lose(way),
    heal: () => network.lose(undefined),
    hold: () => network.hold(),
  };
  return server;
}

type Way = 'up' | 'down';

/** One side of a connection, as a link is made for it. */
interface LinkParts {
  readonly here: End;
  readonly there: End;
  /** The way of what is said here. */
  readonly way: Way;
  /** Ends both sides. */
  end(): void;
}

/** Carries text from one side to the other, later and in order, as a network does. */
class MemoryNetwork {
  pieceSize = Infinity;
  readonly #dialect: Dialect;
  #lost: Way | 'both' | undefined;
  #held: (() => void)[] | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** From now on, what goes this way is lost; undefined for nothing. */
  lose(way: Way | 'both' | undefined): void {
    this.#lost = way;
  }

  hold(): () => void {
    const tasks: (() => void)[] = [];
    this.#held = tasks;
    return () => {
      if (this.#held !== tasks) return;
      this.#held = undefined;
      for (const task of tasks) task();
    };
  }

  link({ here, there, way, end }: LinkParts): Link {
    return {
      send: this.#carry(way, there),
      close: () =>
        queueMicrotask(() => {
          // Of a link that is lost only this side knows that it ended: the other one keeps a ghost.
          if (this.#isLost(way)) here.close();
          else end();
        }),
      buffered: 0,
    };
  }

  #isLost(way: Way): boolean {
    return this.#lost === way || this.#lost === 'both';
  }

  #carry(way: Way, to: End): (text: string) => void {
    const decoder = new TextDecoder();
    const isLine = this.#dialect === 'line';
    const take = isLine ? createLineSplitter(to.frame) : to.frame;
    const arrive = (text: string): void => {
      if (this.#isLost(way)) return;
      const bytes = new TextEncoder().encode(text);
      const size = isLine ? this.pieceSize : Infinity;
      for (let at = 0; at < bytes.length; at += size) {
        take(decoder.decode(bytes.subarray(at, Math.min(bytes.length, at + size)), { stream: true }));
      }
    };
    return (text) => queueMicrotask(() => (this.#held ? void this.#held.push(() => arrive(text)) : arrive(text)));
  }
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
