import { dataOf, type ServerData, splitPassword } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { ServerBroker } from '../broker/index';
import { createLocalClient } from '../broker/index';
import { readTiming } from '../features/index';
import { createCalls } from './call-endpoint';
import { addEcho } from './echo';
import { type Memory, metricsText, metricsType } from './metrics';
import { networkParts } from './network';
import { speakAs } from './one-shot-client';
import { checkRecipient, queryData, readInput } from './payload';
import type { Asked } from './request';
import { type Answer, json, type LongAnswer, plain, Refusal } from './response';
import { type Feed, openFeed } from './sse';

/** What can be done at a path. */
export interface Route {
  readonly methods: readonly ('GET' | 'HEAD' | 'POST')[];
  /** Whether it does more than to tell. */
  readonly changes: boolean;
  /** @throws Refusal */
  answer(asked: Asked): Answer | LongAnswer | Feed | Promise<Answer | Feed>;
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
  const { broker, queries } = server;
  const calls = createCalls(clock, queries.reachesClient);
  const own = createLocalClient((link, peer) => server.attach(ownHandle, link, peer), calls.hear);
  addEcho(server);

  function checkThere(recipient: string, data?: ServerData, advice = 'somebody must be there first'): void {
    checkRecipient(recipient);
    const isLater = data !== undefined && readTiming(data, clock.now()).due !== undefined;
    if (isLater || queries.reaches(recipient)) return;
    const [name, password] = splitPassword(recipient);
    const other = password === undefined ? '' : ', or it has another password';
    throw new Refusal(404, `There is no channel and no client ${name}${other}: ${advice}.`);
  }

  function send({ address }: Asked, recipient: string, data: ServerData): Answer {
    checkThere(recipient, data);
    const complaint = own.send(recipient, data.text, address);
    if (complaint !== undefined) throw new Refusal(400, `Not sent: ${complaint}.`);
    return sent(recipient);
  }

  async function post(asked: Asked, recipient: string): Promise<Answer> {
    const { data, sender } = await readInput(asked);
    if (sender === undefined) return send(asked, recipient, data);
    checkThere(recipient, data);
    await speakAs(broker, { handle: sender, address: asked.address }, recipient, data.text);
    return sent(recipient);
  }

  async function call(asked: Asked, service: string, name: string, text?: string): Promise<Answer> {
    checkThere(service, undefined, 'nobody can be called, and this server has no page there');
    const data = asked.method === 'POST' ? (await readInput(asked)).data : queryData(asked.query, text);
    return calls.ask({ service, call: name }, data, (text) => own.send(service, text, asked.address), asked);
  }

  const tell = (answer: Route['answer']): Route => ({ methods: ['GET', 'HEAD'], changes: false, answer });
  const byName = new Map<string, Route>([
    ['channels', tell(({ wantsJson }) => list(broker.channels(), wantsJson))],
    ['network.json', tell(() => ({ status: 200, type: 'application/json', parts: networkParts(queries.network()) }))],
    ['health', tell(health)],
    ['metrics', tell(() => ({ status: 200, type: metricsType, body: metricsText(broker.stats(), memory()) }))],
  ]);

  function health(): Answer {
    const { uptime, clients, channels } = broker.stats();
    return json({ status: 'ok', uptime, clients, channels });
  }

  return {
    find(path) {
      const [first = '', second, ...rest] = path;
      if (pages.has(first) || isClient(`/${first}`)) return undefined;
      const isAlone = second === undefined || (second === '' && rest.length === 0);
      if (isAlone && byName.has(first)) return byName.get(first);
      if (first === 'subscribe' && second !== undefined) {
        const channel = [second, ...rest].join('/');
        const answer = ({ address }: Asked): Promise<Feed> => openFeed(server, channel, address);
        // A channel is opened by its first listener, who sets its password.
        return { methods: ['GET'], changes: true, answer };
      }
      if (first === 'send' && second !== undefined) {
        if (rest.length === 0) return { methods: ['POST'], changes: true, answer: (asked) => post(asked, second) };
        const data = dataOf({ parameter: rest.join('/') });
        return { methods: ['GET'], changes: true, answer: (asked) => send(asked, second, data) };
      }
      if (byName.has(first)) return undefined;
      if (second === undefined || isAlone) return queries.reaches(first) ? tell(() => here(first)) : undefined;
      const text = rest.join('/') || undefined;
      const methods = text === undefined ? (['GET', 'POST'] as const) : (['GET'] as const);
      return { methods, changes: true, answer: (asked) => call(asked, first, second, text) };
    },
    close: calls.close,
  };
}

function sent(recipient: string): Answer {
  const [name] = splitPassword(recipient);
  return plain(200, `Sent to ${name}.`);
}

/** Who asks without a call only wants to know whether somebody is there. */
function here(service: string): Answer {
  const [name] = splitPassword(service);
  return plain(200, `${name} ok`);
}

function list(names: readonly string[], wantsJson: boolean): Answer {
  return wantsJson ? json(names) : plain(200, names.join(', '));
}
