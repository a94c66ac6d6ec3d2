import type { IncomingMessage, ServerResponse } from 'node:http';
import { memoryUsage } from 'node:process';
import type { ServerBroker } from '../broker/index';
import type { Backpressure } from '../flow/index';
import { createRoutes, HttpError, type HttpRequest, type HttpResponse, type Route } from '../http/index';
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

  /**
   * Whether a request may do what it asks for; false when it has its answer already, which asks a person.
   *
   * @throws HttpError
   */
  function checkOrigin(route: Route, request: IncomingMessage, response: ServerResponse): boolean {
    const reason = originPolicy.refuses(request);
    if (reason !== undefined) throw new HttpError(403, reason);
    const doubt = route.changes ? originPolicy.doubts(request) : undefined;
    if (doubt === undefined) return true;
    if (!route.methods.includes('GET') || !isNavigation(request)) throw new HttpError(403, doubt);
    respond(response, askFirst(request.url ?? '/'), {});
    return false;
  }

  /** The same for the method of a request. */
  function checkMethod(route: Route, request: IncomingMessage, response: ServerResponse): boolean {
    const methods = [...route.methods, 'OPTIONS'];
    const { method = '' } = request;
    const allow = { Allow: methods.join(', ') };
    if (method === 'OPTIONS') {
      response.writeHead(204, { ...allow, ...preflight(methods), ...originPolicy.sharing(request) }).end();
      return false;
    }
    if (methods.includes(method)) return true;
    throw new HttpError(405, `Use ${route.methods.join(' or ')} here.`, allow);
  }

  function readRequest(url: RequestUrl, request: IncomingMessage, response: ServerResponse): HttpRequest {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    return {
      path: url.path,
      query: url.query,
      method: request.method ?? '',
      address: plainAddress(request.socket.remoteAddress ?? ''),
      gone: gone.signal,
      type: mediaType(request.headers['content-type']),
      wantsJson: (request.headers.accept ?? '').includes('application/json'),
      body: () => readBody(request, clock, parts.backpressure.budget),
    };
  }

  function send(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
    const shared = originPolicy.sharing(request);
    if ('parts' in answer) {
      response.writeHead(answer.status, headOf(answer, shared));
      if (request.method === 'HEAD') response.end();
      else sendParts(answer.parts[Symbol.iterator](), response, { ...parts, scheduler: parts.backpressure.scheduler });
    } else if (!('pipeTo' in answer)) respond(response, withPageToken(answer, request), shared);
    else if (response.destroyed) answer.close();
    else stream(answer, response, shared, parts);
  }

  /** Only browsers ask for pages; other programs get what the client answered with, and nothing else. */
  function withPageToken(answer: HttpResponse, { headers: { accept = '' } }: IncomingMessage): HttpResponse {
    if (!answer.isPage || !accept.includes('text/html')) return answer;
    return { ...answer, body: withToken(answer.body, pageTokens.issue()) };
  }

  return {
    async serve(request, response) {
      const url = readUrl(request.url ?? '/');
      const route = url && routes.find(url.path);
      if (!route) return false;
      try {
        if (!checkOrigin(route, request, response) || !checkMethod(route, request, response)) return true;
        send(await route.answer(readRequest(url, request, response)), request, response);
      } catch (thrown) {
        if (!(thrown instanceof HttpError)) throw thrown;
        const isShared = originPolicy.refuses(request) === undefined;
        respond(response, thrown.response, isShared ? originPolicy.sharing(request) : {});
      }
      return true;
    },
    close: routes.close,
  };
}

type RequestUrl = Pick<HttpRequest, 'path' | 'query'>;
/** What a route gives. */
type Answer = Awaited<ReturnType<Route['answer']>>;

/** The path is decoded only when it is cut, so that a `/` in a name can be written as `%2F`. */
function readUrl(text: string): RequestUrl | undefined {
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
  { status, type, body, headers = {} }: HttpResponse,
  shared: Readonly<Record<string, string>>,
): void {
  const length = { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...length, ...headOf({ type, headers }, shared) }).end(body);
}

function headOf(
  { type, headers }: Pick<HttpResponse, 'type' | 'headers'>,
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
