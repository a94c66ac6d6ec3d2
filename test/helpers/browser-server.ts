import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type Server, startServer } from '../../src/server/start-server';
import { listening } from './listening';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where a page starts and stops OOCSI servers for its tests. */
    control: string;
  }
}

/** Runs beside the browser tests and starts the servers they ask for. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new Map<string, Server>();
  const { port, close } = await listening(
    createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control');
      response.setHeader('Access-Control-Allow-Origin', '*');
      if (pathname === '/start') {
        const server = await startServer({ port: 0, tcpPort: false });
        servers.set(server.url, server);
        response.end(server.url);
      } else {
        const url = searchParams.get('url') ?? '';
        await servers.get(url)?.close();
        servers.delete(url);
        response.end();
      }
    }),
  );
  project.provide('control', `http://127.0.0.1:${port}`);
  return async () => {
    await Promise.all([...servers.values()].map((server) => server.close()));
    await close();
  };
}
