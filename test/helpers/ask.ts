import { request as requestHttp } from 'node:http';
import type { World } from './world';

/** What a server answers over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Asks the server of a test's world; `fetch` sets no headers of browsers, so tests say them. */
export async function ask(world: World, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${world.server.port}${path}`, { redirect: 'manual', ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The same with headers that `fetch` keeps for itself. */
export function askAs(world: World, path: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  return new Promise<Pick<Answer, 'status' | 'text'> & { readonly headers: Map<string, unknown> }>(
    (resolve, reject) => {
      const options = { host: '127.0.0.1', port: world.server.port, path, method, headers, agent: false };
      const asked = requestHttp(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: new Map(Object.entries(response.headers)), text }),
        );
      });
      asked.once('error', reject).end();
    },
  );
}

export const post = (body: string, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'Content-Type': type },
});
