import type { IncomingMessage, ServerResponse } from 'node:http';
import { memoryUsage } from 'node:process';
import type { ServerBroker } from '../broker/index';
import type { Backpressure } from '../flow/index';
import type { Asked } from '../http/index';
import { type Answer, createRoutes, Refusal, type Route } from '../http/index';
import { plainAddress } from './addresses';
import { askFirst, isNavigation } from './ask-first';
import { readBody } from './http-body';
import { sendParts } from './long-answer';
import type { OriginPolicy } from './origin-policy';
import { type PageTokens, withToken } from './page-tokens';
import { type StreamParts, stream } from './sse-stream';

/** Sending, listening and calling over HTTP. */
export interface Api {
  /** Answers a request, or gives false when it is about a page. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Gives up what waits for an answer. */
  close(): void;
}

/** What the API works with. */
export interface ApiParts extends StreamParts {
  readonly originPolicy: OriginPolicy;
  readonly pageTokens: PageTokens;
  readonly backpressure: Backpressure;
}

export function createApi(broker: ServerBroker, parts: ApiParts): Api {
  const { originPolicy, pageTokens, clock } = parts;
  const routes = createRoutes(broker, clock, memoryUsage);

  async function carryOut(
    route: Route,
    url: Target,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const reason = originPolicy.refuses(request);
    if (reason !== undefined) throw new Refusal(403, reason);
    const doubt = route.changes ? originPolicy.doubts(request) : undefined;
    if (doubt !== undefined) {
      if (!route.methods.includes('GET') || !isNavigation(request)) throw new Refusal(403, doubt);
      respond(response, askFirst(request.url ?? '/'), {});
      return;
    }
    const methods = [...route.methods, 'OPTIONS'];
    const { method = '' } = request;
    if (method === 'OPTIONS') {
      response
        .writeHead(204, { Allow: methods.join(', '), ...preflight(methods), ...originPolicy.sharing(request) })
        .end();
      return;
    }
    if (!methods.includes(method)) {
      throw new Refusal(405, `Use ${route.methods.join(' or ')} here.`, { Allow: methods.join(', ') });
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const address = plainAddress(request.socket.remoteAddress ?? '');
    const asked: Asked = {
      ...{ ...url, method, address, gone: gone.signal },
      type: mediaType(request.headers['content-type']),
      wantsJson: (request.headers.accept ?? '').includes('application/json'),
      body: () => readBody(request, clock, parts.backpressure.budget),
    };
    const answer = await route.answer(asked);
    if ('parts' in answer) {
      response.writeHead(answer.status, headOf(answer, originPolicy.sharing(request)));
      if (method === 'HEAD') response.end();
      else sendParts(answer.parts[Symbol.iterator](), response, { ...parts, scheduler: parts.backpressure.scheduler });
    } else if (!('pour' in answer)) respond(response, withPageToken(answer, request), originPolicy.sharing(request));
    else if (response.destroyed) answer.close();
    else stream(answer, response, originPolicy.sharing(request), parts);
  }

  /** Only browsers ask for pages; whoever else does gets what the client answered with, and nothing else. */
  function withPageToken(answer: Answer, { headers: { accept = '' } }: IncomingMessage): Answer {
    if (!answer.isPage || !accept.includes('text/html')) return answer;
    return { ...answer, body: withToken(answer.body, pageTokens.issue()) };
  }

  return {
    async serve(request, response) {
      const url = readTarget(request.url ?? '/');
      const route = url && routes.find(url.path);
      if (!route) return false;
      try {
        await carryOut(route, url, request, response);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        const isShared = originPolicy.refuses(request) === undefined;
        respond(response, thrown.answer, isShared ? originPolicy.sharing(request) : {});
      }
      return true;
    },
    close: routes.close,
  };
}

type Target = Pick<Asked, 'path' | 'query'>;

/** The path is decoded only when it is cut, so that a `/` in a name can be written as `%2F`. */
function readTarget(text: string): Target | undefined {
  try {
    const { pathname, searchParams } = new URL(text, 'http://server');
    return { path: pathname.slice(1).split('/').map(decodeURIComponent), query: searchParams };
  } catch {
    return undefined;
  }
}

function mediaType(text = ''): string {
  return text.replace(/;.*/s, '').trim().toLowerCase();
}

function preflight(methods: readonly string[]): Readonly<Record<string, string>> {
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': 'Content-Type',
    'Access-Control-Max-Age': '600',
  };
}

function respond(
  response: ServerResponse,
  { status, type, body, headers = {} }: Answer,
  shared: Readonly<Record<string, string>>,
): void {
  const length = { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...length, ...headOf({ type, headers }, shared) }).end(body);
}

function headOf(
  { type, headers }: Pick<Answer, 'type' | 'headers'>,
  shared: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...shared,
  };
}
