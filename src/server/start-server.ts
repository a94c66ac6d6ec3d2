import { type Clock, checkListener, checkOptions, refuse, shown, systemClock } from '../util/index';
import { readAccounts } from './admission/index';
import { assembleBroker, type Broker, type BrokerParts, ChannelDelivery, type ServerBroker } from './broker/index';
import { checkTexts, createCounts, readLimits, type ServerLimits, type ServerStats } from './config/index';
import { createServerEvents, type ServerEventEmitter } from './domain/index';
import { Backpressure, FairScheduler, nextTurn } from './flow/index';
import {
  ConnectionGate,
  createOriginPolicy,
  createPageTokens,
  createTcpListener,
  createWebListener,
  type Identity,
  isAddress,
  isLoopback,
  isNamed,
  readIdentity,
  type TlsOptions,
  webSocketPath,
} from './listeners/index';
import { Autosave, readSnapshot, type Store } from './persistence/index';

/** Options of {@link startServer}; all of them may be left out. */
export interface ServerOptions {
  /** The address to listen at: `'0.0.0.0'` lets in the whole network. @default '127.0.0.1' */
  readonly host?: string;
  /** The port for pages and WebSocket; 0 picks a free one. @default 9000 */
  readonly port?: number;
  /** The port for TCP; 0 picks a free one, `false` switches TCP off. @default 4444 */
  readonly tcpPort?: number | false;
  /**
   * Handles with a password, as `name:password`: a client that asks for the handle `name:password` gets the handle `name`,
   * and no other client does. `channels` and presence leave such clients out. Names consist of letters, digits, `_`, `-`
   * and `.`, passwords of visible ASCII characters but `;`. @default none
   */
  readonly users?: readonly string[];
  /** What clients may take up; whatever is left out keeps its default. @default see {@link ServerLimits} */
  readonly limits?: Partial<ServerLimits>;
  /**
   * Origins whose pages may connect, such as `https://example.org`, besides those of the same host on any port. `null`
   * stands for pages that were opened from a file, but any site can open a frame that has this origin, too: use
   * `fileToken` instead. @default none
   */
  readonly allowOrigin?: readonly string[];
  /**
   * Lets pages in that were opened from files and connect to `ws://HOST:PORT/ws?token=TOKEN`: 16 to 128 letters, digits,
   * `_`, `-`, `.` or `~` that other sites cannot guess. The start page shows it. @default none
   */
  readonly fileToken?: string;
  /**
   * Names under which browsers find this server, such as `pi.local`, besides addresses and `localhost`. Pages that came
   * under other names are refused: any site can let a name of its own lead here. @default the option `host`, if it is a name
   */
  readonly hostNames?: readonly string[];
  /** Told of all events but `message`, in a line each, and warned of what is dangerous. @default none */
  readonly logger?: (text: string) => void;
  /** Speaks TLS only: https and wss instead of http and ws, and TLS over TCP. @default none */
  readonly tls?: TlsOptions;
  /** Keeps retained and delayed messages over a restart, such as `fileStore('kept.json')`. @default none */
  readonly store?: Store;
  /** Time and chance; tests hand in their own. @default the machine's clock */
  readonly clock?: Clock;
}

const serverOptions: readonly (keyof ServerOptions)[] = [
  'host',
  'port',
  'tcpPort',
  'users',
  'limits',
  'allowOrigin',
  'fileToken',
  'hostNames',
  'logger',
  'tls',
  'store',
  'clock',
];

/** A server that runs. */
export interface Server extends AsyncDisposable {
  /**
   * What clients in pages connect to, such as `ws://127.0.0.1:9000/ws`, or with TLS `wss://localhost:9000/ws`. Without TLS
   * it is an address: the name `localhost` may lead to another program, which listens at `[::1]`.
   */
  readonly url: string;
  /** What clients over TCP connect to, such as `tcp://127.0.0.1:4444` or `tls://localhost:4444`; undefined without TCP. */
  readonly tcpUrl: string | undefined;
  /** The port for pages and WebSocket. */
  readonly port: number;
  /** The port for TCP; undefined when TCP is off. */
  readonly tcpPort: number | undefined;
  readonly broker: Broker;
  /** Calls `listener` whenever the event happens, as `broker.on` does; the returned function ends it. */
  readonly on: ServerEventEmitter['on'];
  /** What the server has done and holds at this moment. */
  stats(): ServerStats;
  /**
   * Takes no more clients, says goodbye to those that are there (spread over up to 2 s when they are many), saves what the
   * store is to keep, and frees the ports. Safe to call twice.
   *
   * @throws OocsiError `unsupported` when the store cannot save; everything else is done all the same
   */
  close(): Promise<void>;
}

/**
 * Starts an OOCSI server: TCP and WebSocket on one broker, and over HTTP a start page, the demos, the client itself
 * (`/oocsi.js`, `/oocsi.iife.js`) and a way to send, listen and call.
 *
 * @throws TypeError, RangeError when an option cannot be meant
 * @throws OocsiError `unsupported` when it cannot listen there; `cause` is Node's error (`EADDRINUSE`: the port is in use)
 * @example
 * const server = await startServer({ port: 0, tcpPort: 0 });
 * const oocsi = await connect(server.tcpUrl);
 * await server.close();
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const settings = readOptions(options);
  const { host, parts, tls } = settings;
  const { serverBroker, autosave } = await openBroker(parts, settings.store);
  const { broker } = serverBroker;
  const listeners = createListeners(settings, serverBroker);
  const at = await listeners.listen().catch(async (thrown: unknown) => {
    broker.close();
    await listeners.close();
    throw thrown;
  });
  if (!isLoopback(host) && parts.accounts.size === 0) {
    parts.events.warn(`anybody who reaches ${host} can read and send everything: no handle has a password`);
  }

  async function closeAll(): Promise<void> {
    const goodbyes = serverBroker.shutDown();
    const closed = listeners.close(goodbyes);
    await goodbyes;
    try {
      await autosave?.finish();
    } finally {
      broker.close();
      await closed;
    }
  }
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll();
    return closing;
  };

  return {
    url: `${tls ? 'wss' : 'ws'}://${at.name}:${at.port}${webSocketPath}`,
    tcpUrl: at.tcpUrl,
    port: at.port,
    tcpPort: at.tcpPort,
    broker,
    on: broker.on,
    stats: broker.stats,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The options as the server uses them: checked, and with a value for each. */
interface Settings {
  readonly host: string;
  readonly port: number;
  readonly tcpPort: number | false;
  readonly parts: BrokerParts;
  readonly allowOrigin: readonly string[];
  readonly hostNames: readonly string[];
  readonly fileToken: string | undefined;
  readonly tls: Identity | undefined;
  readonly store: Store | undefined;
}

/** @throws TypeError, RangeError naming the option */
function readOptions(options: ServerOptions): Settings {
  checkOptions(options, serverOptions);
  const { host = '127.0.0.1', port = 9000, tcpPort = 4444, users = [], clock = systemClock, ...others } = options;
  const { limits, allowOrigin = [], hostNames = [], fileToken, logger, tls, store } = others;
  checkPlace(host, port, tcpPort);
  checkTexts('allowOrigin', allowOrigin);
  checkTexts('hostNames', hostNames);
  if (logger !== undefined) checkListener('logger', logger);
  if (store !== undefined) checkStore(store);
  const parts: BrokerParts = {
    clock,
    accounts: readAccounts(users),
    limits: readLimits(limits),
    events: createServerEvents(logger),
    counts: createCounts(),
    delivery: new ChannelDelivery(),
    fairScheduler: new FairScheduler(clock, nextTurn),
  };
  const identity = tls === undefined ? undefined : readIdentity(tls);
  return { host, port, tcpPort, parts, allowOrigin, hostNames, fileToken, tls: identity, store };
}

/** A broker with what its store holds; from then on, changes are saved there. */
async function openBroker(
  parts: BrokerParts,
  store: Store | undefined,
): Promise<{ readonly serverBroker: ServerBroker; readonly autosave: Autosave | undefined }> {
  let autosave: Autosave | undefined;
  const serverBroker = assembleBroker(parts, () => autosave?.changed());
  const { clock, events } = parts;
  if (store) {
    serverBroker.snapshots.restore(readSnapshot(await store.load(events.warn)));
    autosave = new Autosave({
      clock,
      store,
      take: serverBroker.snapshots.take,
      failed: (error) => events.emit('error', error),
    });
  }
  return { serverBroker, autosave };
}

/** Where a server can be reached. */
interface Addresses {
  /** The host as clients write it. */
  readonly name: string;
  readonly port: number;
  readonly tcpPort: number | undefined;
  readonly tcpUrl: string | undefined;
}

interface Listeners {
  listen(): Promise<Addresses>;
  /** Takes no more clients, and waits for `goodbyes` before it ends the connections that are left. */
  close(goodbyes?: Promise<void>): Promise<void>;
}

function createListeners(settings: Settings, serverBroker: ServerBroker): Listeners {
  const { host, port, tcpPort, tls, fileToken } = settings;
  const listenerParts = createListenerParts(settings);
  let tcpUrl: string | undefined;
  const tcp = tcpPort === false ? undefined : createTcpListener(serverBroker.broker, listenerParts);
  const fileQuery = fileToken === undefined ? '' : `?token=${fileToken}`;
  const web = createWebListener(serverBroker, listenerParts, () => ({ tcp: tcpUrl ?? 'switched off', fileQuery }));
  return {
    async listen() {
      const webAt = await web.listen(host, port);
      const tcpAt = tcpPort === false ? undefined : await tcp?.listen(host, tcpPort);
      const name = nameOf(host === 'localhost' ? webAt.address : host, tls);
      tcpUrl = tcpAt && `${tls ? 'tls' : 'tcp'}://${name}:${tcpAt.port}`;
      return { name, port: webAt.port, tcpPort: tcpAt?.port, tcpUrl };
    },
    async close(goodbyes) {
      await Promise.all([web.close(goodbyes), tcp?.close(goodbyes)]);
    },
  };
}

/** What the listeners for TCP and for pages share with each other and the broker. */
function createListenerParts({ host, hostNames, allowOrigin, fileToken, tls, parts }: Settings) {
  const { clock, limits, events, counts, delivery, fairScheduler } = parts;
  const pageTokens = createPageTokens(clock);
  return {
    clock,
    limits,
    events,
    counts,
    identity: tls,
    pageTokens,
    originPolicy: createOriginPolicy({
      allowOrigin,
      fileToken,
      admits: pageTokens.admits,
      hostNames: isAddress(host) ? hostNames : [host, ...hostNames],
    }),
    backpressure: new Backpressure({ clock, limits, observer: delivery, scheduler: fairScheduler }),
    gate: new ConnectionGate({ clock, limits, events, counts }),
  };
}

/** @throws TypeError, RangeError naming the option */
function checkPlace(host: unknown, port: unknown, tcpPort: unknown): void {
  if (typeof host !== 'string' || host === '')
    throw new TypeError(`host must be an address such as 127.0.0.1, not ${shown(host)}`);
  for (const [option, value] of Object.entries({ port, tcpPort: tcpPort === false ? 0 : tcpPort })) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 65_536) continue;
    throw new RangeError(`${option} must be a whole number from 0 to 65535, not ${shown(value)}`);
  }
}

/** @throws TypeError */
function checkStore(store: unknown): void {
  const isStore = typeof store === 'object' && store !== null && 'load' in store && 'save' in store;
  if (!isStore) refuse('store', store, ": use fileStore('kept.json')");
}

/** The host as clients on the same machine write it; with TLS as the certificate names it. */
function nameOf(host: string, identity: Identity | undefined): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  if (identity && isLoopback(address) && !isNamed(identity, address)) return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}
