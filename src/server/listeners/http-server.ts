import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { OocsiError, textOf } from '../../protocol/index';
import type { ServerBroker } from '../broker/index';
import { isClient } from '../http/index';
import { createCoder, isKnown } from './content-coding';
import { type ApiParts, createApi } from './http-api';
import { createListener, type Listener } from './listener';
import type { OriginPolicy } from './origin-policy';
import { busy, inTurns, superviseRequests } from './request-limits';
import { packageFolder, readServed, type ServedFile } from './static-files';
import { attachWebSockets, type WebSocketParts, webSocketPath } from './websocket';

/** What a listener for pages works with. */
export interface WebParts extends WebSocketParts, ApiParts {}

/** What the start page says by and by; `{{tcp}}` stands in it for `tcp`. */
export interface StartPage {
  readonly tcp: string;
  /** The query that lets pages in that were opened from files, `?token=…`; empty when nothing does. */
  readonly fileQuery: string;
}

/**
 * Takes clients over WebSocket, and over HTTP serves the start page, the demos and the client, and lets programs send,
 * listen and call.
 */
export function createWebListener(serverBroker: ServerBroker, parts: WebParts, startPage: () => StartPage): Listener {
  const find = fileFinder(packageFolder(), startPage);
  const api = createApi(serverBroker, parts);
  const code = createCoder();
  const open = new Set<ServerResponse>();
  let isClosing = false;
  async function serveRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    open.add(response);
    const { gate, backpressure } = parts;
    const forgetBuffers = backpressure.budget.add({
      get own() {
        return response.writableLength;
      },
      cut: (reason) => gate.cut(request.socket, reason),
    });
    response.once('close', () => {
      open.delete(response);
      forgetBuffers();
    });
    if (isClosing) response.shouldKeepAlive = false;
    try {
      if (!(await api.serve(request, response)))
        await answer(request, response, { find, code, originPolicy: parts.originPolicy });
    } catch (cause) {
      parts.events.emit('error', new OocsiError('invalid', `Cannot answer a request: ${textOf(cause)}.`, { cause }));
      if (response.headersSent) response.destroy();
      else response.writeHead(500, plain).end(`This could not be answered: ${textOf(cause)}\n`);
    }
    backpressure.budget.grew(response.writableLength);
  }
  const server = createServer();
  const serve = inTurns(parts.backpressure.scheduler, serveRequest);
  superviseRequests(server, parts.gate, parts.limits.handshakeTime, serve);
  attachWebSockets(server, serverBroker.broker, parts);
  function take(socket: Socket): void {
    server.emit('connection', socket);
    socket.resume();
  }
  const listener = createListener(parts, { serve: take, refusal: busy, option: 'port', allowHalfOpen: true });
  return {
    listen: listener.listen,
    close(goodbyes = Promise.resolve()) {
      isClosing = true;
      // A connection that is kept for another request would hold up the end.
      for (const response of open) response.shouldKeepAlive = false;
      return listener.close(goodbyes.then(api.close));
    },
  };
}

const plain = { 'Content-Type': 'text/plain; charset=utf-8' };

/** What is at `/` when a bundler has left the start page behind. */
const withoutFiles: ServedFile = {
  type: 'text/plain; charset=utf-8',
  body: Buffer.from(`OOCSI is running here, and clients connect to ${webSocketPath} of this address.
This program was bundled into a file of its own, without the start page, the demos and /oocsi.js. To have them, let your
bundler leave out oocsi-client (esbuild: --external:oocsi-client).
`),
};

type Find = (path: string) => Promise<ServedFile | undefined>;

function fileFinder(folder: string | undefined, startPage: () => StartPage): Find {
  if (folder === undefined) return async (path) => (path === '/' ? withoutFiles : undefined);
  const dist = join(folder, 'dist');
  return async (path) => {
    if (isClient(path)) return readServed(dist, path);
    // The folder to read from is the one named in the path, or `..` would lead to what is beside it.
    if (path.startsWith('/vendor/')) return readServed(join(dist, 'vendor'), path.slice('/vendor'.length));
    if (path !== '/' && !path.startsWith('/demo/')) return undefined;
    const inDemo = path.replace(/^\/demo\//, '/').replace(/\/$/, '/index.html');
    const file = await readServed(join(folder, 'demo'), inDemo);
    if (!file || inDemo !== '/index.html') return file;
    let page = String(file.body);
    for (const [key, text] of Object.entries(startPage())) page = page.replaceAll(`{{${key}}}`, () => text);
    return { ...file, body: Buffer.from(page) };
  };
}

interface FileParts {
  readonly find: Find;
  readonly code: ReturnType<typeof createCoder>;
  readonly originPolicy: OriginPolicy;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { find, code, originPolicy }: FileParts,
): Promise<void> {
  const url = request.url ?? '/';
  const path = pathOf(url);
  const isShared = path !== undefined && isClient(path);
  const reason = isShared ? originPolicy.refusesHost(request) : originPolicy.refuses(request);
  if (reason !== undefined) {
    response.writeHead(403, plain).end(`${reason}\n`);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...plain, Allow: 'GET, HEAD' }).end('This server answers GET only.\n');
    return;
  }
  if (path === undefined) {
    response
      .writeHead(400, plain)
      .end(`The path ${url} cannot be read: write % as %25, and other characters in UTF-8.\n`);
    return;
  }
  if (path === webSocketPath) {
    response
      .writeHead(426, { ...plain, Connection: 'Upgrade', Upgrade: 'websocket' })
      .end('Clients connect here by WebSocket; the start page is at /.\n');
    return;
  }
  const file = await find(path);
  if (file) {
    const shared = isShared ? { 'Access-Control-Allow-Origin': '*' } : originPolicy.sharing(request);
    const { body, coding, tag } = await code(file.type, file.body, request.headers['accept-encoding']?.toString());
    const about = { ETag: tag, Vary: 'Accept-Encoding, Origin', 'Cache-Control': 'no-cache', ...shared };
    if (isKnown(tag, request.headers['if-none-match'])) {
      response.writeHead(304, about).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': body.length,
      ...(coding && { 'Content-Encoding': coding }),
      ...about,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  } else if (await find(`${path}/`)) {
    response.writeHead(308, { Location: url.replace(/(?=\?|$)/, '/') }).end();
  } else {
    response
      .writeHead(404, plain)
      .end(`There is nothing at ${url}: no page, no channel and no client. The start page is at /.\n`);
  }
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://server').pathname);
  } catch {
    return undefined;
  }
}
