import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Clock } from '../../core/clock';
import type { Broker } from '../broker';
import type { Traffic } from '../traffic/traffic';
import { packageFolder, readServed, type ServedFile } from './files';
import { createListener, type Listener } from './listener';
import { attachWebSockets } from './websocket';

/**
 * Takes clients over WebSocket, and serves the start page, the demos and the client over HTTP.
 *
 * @param tcpAddress what the start page says about TCP
 */
export function createWebListener(broker: Broker, clock: Clock, traffic: Traffic, tcpAddress: () => string): Listener {
  const find = fileFinder(packageFolder(), tcpAddress);
  const server = createServer((request, response) => {
    answer(request, response, find).catch((thrown) => {
      response.writeHead(500, plain).end(`This page could not be read: ${thrown}\n`);
    });
  });
  attachWebSockets(server, broker, traffic);
  return createListener(server, 'port', clock);
}

const plain = { 'Content-Type': 'text/plain; charset=utf-8' };

type Find = (path: string) => Promise<ServedFile | undefined>;

function fileFinder(folder: string, tcpAddress: () => string): Find {
  const dist = join(folder, 'dist');
  return async (path) => {
    if (/^\/oocsi(\.min|\.iife)?\.js(\.map)?$/.test(path)) return readServed(dist, path);
    // The folder to read from is the one named in the path, or `..` would lead to what is beside it.
    if (path.startsWith('/vendor/')) return readServed(join(dist, 'vendor'), path.slice('/vendor'.length));
    if (path !== '/' && !path.startsWith('/demo/')) return undefined;
    const inDemo = path.replace(/^\/demo\//, '/').replace(/\/$/, '/index.html');
    const file = await readServed(join(folder, 'demo'), inDemo);
    if (!file || inDemo !== '/index.html') return file;
    return { ...file, body: Buffer.from(String(file.body).replaceAll('{{tcp}}', tcpAddress())) };
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, find: Find): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...plain, Allow: 'GET, HEAD' }).end('This server answers GET only.\n');
    return;
  }
  const url = request.url ?? '/';
  const path = pathOf(url);
  const file = path === undefined ? undefined : await find(path);
  if (file && path !== undefined) {
    // Pages of other servers may load the client from here.
    const shared = path.startsWith('/oocsi') ? { 'Access-Control-Allow-Origin': '*' } : {};
    response.writeHead(200, { 'Content-Type': file.type, 'Cache-Control': 'no-cache', ...shared });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  } else if (path !== undefined && (await find(`${path}/`))) {
    response.writeHead(308, { Location: url.replace(/(?=\?|$)/, '/') }).end();
  } else {
    response.writeHead(404, plain).end(`There is nothing at ${url}. The start page is at /.\n`);
  }
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://server').pathname);
  } catch {
    return undefined;
  }
}
