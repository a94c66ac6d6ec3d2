import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const files = new Map([
  ['/', ['bench/page/index.html', 'text/html']],
  ['/page.js', ['bench/page/page.js', 'text/javascript']],
  ['/messages.js', ['bench/kit/messages.js', 'text/javascript']],
  ['/oocsi.js', ['dist/oocsi.js', 'text/javascript']],
]);

/**
 * Hands out the page of the browser cases, and what it needs.
 *
 * @type {import('node:http').RequestListener}
 */
export async function pageFor(request, response) {
  const [path, type] = files.get(request.url ?? '') ?? [];
  if (!path) return response.writeHead(404).end();
  const bytes = await readFile(join(root, path));
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(bytes);
}
