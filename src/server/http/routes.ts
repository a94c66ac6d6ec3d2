import { dataOf, type ServerData, splitPassword } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { ServerBroker } from '../broker/index';
import { createLocalClient } from '../broker/index';
import { readTiming } from '../features/index';
import { CallEndpoint } from './call-endpoint';
import { addEcho } from './echo';
import { type Memory, metricsText, metricsType } from './metrics';
import { networkParts } from './network';
import { sendOnce } from './one-shot-client';
import { checkRecipient, queryData, readPayload } from './payload';
import type { HttpRequest } from './request';
import { HttpError, type HttpResponse, json, type LongResponse, plainText } from './response';
import { openSseFeed, type SseFeed } from './sse';

/** What can be done at a path. */
export interface Route {
  readonly methods: readonly ('GET' | 'HEAD' | 'POST')[];
  /** Whether it does more than to tell. */
  readonly changes: boolean;
  /** @throws HttpError */
  answer(request: HttpRequest): HttpResponse | LongResponse | SseFeed | Promise<HttpResponse | SseFeed>;
}

/** What can be done over HTTP, besides to load pages. */
export interface Routes {
  /** Undefined for a path that belongs to the pages, or to nobody. */
  find(path: readonly string[]): Route | undefined;
  /** Gives up what waits for an answer. */
  close(): void;
}

/** What is sent without a sender comes from this handle. */
const ownHandle = 'WEB-REQUEST';

/** First parts of paths that belong to the pages, or to WebSocket. */
const pages = new Set(['', 'demo', 'vendor', 'ws']);

/** Whether a path is that of the client or of a part of it, which pages of other servers may load from here. */
export function isClient(path: string): boolean {
  return /^\/oocsi(\.min|\.iife|-filters\.min)?\.js(\.map)?$/.test(path);
}

export function createRoutes(server: ServerBroker, clock: Clock, memory: () => Memory): Routes {
  const { queries } = server;
  const calls = new CallEndpoint(clock, queries.reachesClient);
  const messages = createMessageEndpoints(server, clock, calls);
  const byName = tellingRoutes(server, memory);

  function routeToSend(recipient: string, rest: readonly string[]): Route {
    if (rest.length === 0) {
      return { methods: ['POST'], changes: true, answer: (request) => messages.post(request, recipient) };
    }
    const data = dataOf({ parameter: rest.join('/') });
    return { methods: ['GET'], changes: true, answer: (request) => messages.send(request, recipient, data) };
  }

  function routeToCall(service: string, name: string, rest: readonly string[]): Route {
    const text = rest.join('/') || undefined;
    const methods = text === undefined ? (['GET', 'POST'] as const) : (['GET'] as const);
    return { methods, changes: true, answer: (request) => messages.call(request, { service, name, text }) };
  }

  function routeToSubscribe(channel: string): Route {
    const answer = ({ address }: HttpRequest): Promise<SseFeed> => openSseFeed(server, channel, address);
    // A channel is opened by its first subscriber, which sets its password.
    return { methods: ['GET'], changes: true, answer };
  }

  return {
    find(path) {
      const [first = '', second, ...rest] = path;
      if (pages.has(first) || isClient(`/${first}`)) return undefined;
      const isAlone = [second ?? '', ...rest].every((part) => part === '');
      if (isAlone && byName.has(first)) return byName.get(first);
      if (first === 'subscribe' && second !== undefined) return routeToSubscribe([second, ...rest].join('/'));
      if (first === 'send' && second !== undefined) return routeToSend(second, rest);
      if (byName.has(first)) return undefined;
      if (second === undefined || isAlone) return queries.reaches(first) ? tell(() => present(first)) : undefined;
      return routeToCall(first, second, rest);
    },
    close: () => calls.close(),
  };
}

const tell = (answer: Route['answer']): Route => ({ methods: ['GET', 'HEAD'], changes: false, answer });

/** What tells about the server and changes nothing. */
function tellingRoutes({ broker, queries }: ServerBroker, memory: () => Memory): ReadonlyMap<string, Route> {
  function health(): HttpResponse {
    const { uptime, clients, channels } = broker.stats();
    return json({ status: 'ok', uptime, clients, channels });
  }
  return new Map([
    ['channels', tell(({ wantsJson }) => list(broker.channels(), wantsJson))],
    ['network.json', tell(() => ({ status: 200, type: 'application/json', parts: networkParts(queries.network()) }))],
    ['health', tell(health)],
    ['metrics', tell(() => ({ status: 200, type: metricsType, body: metricsText(broker.stats(), memory()) }))],
  ]);
}

/** A call as its path says it. */
interface CallPath {
  readonly service: string;
  readonly name: string;
  /** What comes behind the name. */
  readonly text: string | undefined;
}

/** What sends messages for a request. */
interface MessageEndpoints {
  /** @throws HttpError */
  send(request: HttpRequest, recipient: string, data: ServerData): HttpResponse;
  /** @throws HttpError */
  post(request: HttpRequest, recipient: string): Promise<HttpResponse>;
  /** @throws HttpError */
  call(request: HttpRequest, path: CallPath): Promise<HttpResponse>;
}

function createMessageEndpoints(server: ServerBroker, clock: Clock, calls: CallEndpoint): MessageEndpoints {
  const { broker, queries } = server;
  const own = createLocalClient(
    (link, peer) => server.attach(ownHandle, link, peer),
    (message) => calls.receive(message),
  );
  addEcho(server);

  function checkThere(recipient: string, data?: ServerData, advice = 'somebody must be there first'): void {
    checkRecipient(recipient);
    const isLater = data !== undefined && readTiming(data, clock.now()).due !== undefined;
    if (isLater || queries.reaches(recipient)) return;
    const [name, password] = splitPassword(recipient);
    const other = password === undefined ? '' : ', or it has another password';
    throw new HttpError(404, `There is no channel and no client ${name}${other}: ${advice}.`);
  }

  function send({ address }: HttpRequest, recipient: string, data: ServerData): HttpResponse {
    checkThere(recipient, data);
    const error = own.send(recipient, data.text, address);
    if (error !== undefined) throw new HttpError(400, `Not sent: ${error}.`);
    return sent(recipient);
  }

  return {
    send,
    async post(request, recipient) {
      const { data, sender } = await readPayload(request);
      if (sender === undefined) return send(request, recipient, data);
      checkThere(recipient, data);
      await sendOnce(broker, { sender, address: request.address, recipient, data: data.text });
      return sent(recipient);
    },
    async call(request, { service, name, text }) {
      checkThere(service, undefined, 'nobody can be called, and this server has no page there');
      if (name === '') throw new HttpError(400, 'The name of the call must not be empty: use /CHANNEL/CALL.');
      const isPost = request.method === 'POST';
      const data = isPost ? (await readPayload(request)).data : queryData(request.query, text);
      const sendCall = (call: string): string | undefined => own.send(service, call, request.address);
      return calls.call({ service, name, data, request, send: sendCall });
    },
  };
}

function sent(recipient: string): HttpResponse {
  const [name] = splitPassword(recipient);
  return plainText(200, `Sent to ${name}.`);
}

/** The answer to a request that calls nothing: it only asks whether a client or channel is there. */
function present(service: string): HttpResponse {
  const [name] = splitPassword(service);
  return plainText(200, `${name} ok`);
}

function list(names: readonly string[], wantsJson: boolean): HttpResponse {
  return wantsJson ? json(names) : plainText(200, names.join(', '));
}
