import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { root } from '../helpers/built';

/** What `dist/oocsi.min.js` may have, compressed: what it had when this was set, up to the next 500 bytes. */
const most = 25_000;

/** What came from each folder of `src` when `most` was set, in minified bytes: it shows which one grew. */
const before: Readonly<Record<string, number>> = {
  'src/core/session': 17_905,
  'src/core/variables': 9_932,
  'src/core/messaging': 7_020,
  'src/protocol': 6_493,
  'src/core/reliable': 6_139,
  'src/util': 4_743,
  'src/core/calls': 3_834,
  'src/adapters': 2_904,
  'src/core': 2_783,
  'src/core/presence': 1_874,
  src: 1_469,
  'src/protocol/web': 448,
  'src/platform': 157,
  'node_modules/nanoid': 51,
};

/** How many bytes of the minified file come from each source, by its source map. */
function bytesBySource(code: string, map: SourceMap): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const entry = map.findEntry(line, column);
      const source = 'originalSource' in entry ? entry.originalSource.replace(/^(\.\.\/)+/, '') : 'no source';
      bytes.set(source, (bytes.get(source) ?? 0) + 1);
    }
  }
  return bytes;
}

function bytesByFolder(sources: ReadonlyMap<string, number>): Map<string, number> {
  const folders = new Map<string, number>();
  for (const [source, bytes] of sources) {
    const folder = source.slice(0, Math.max(0, source.lastIndexOf('/')));
    folders.set(folder, (folders.get(folder) ?? 0) + bytes);
  }
  return folders;
}

const largestFirst = (bytes: ReadonlyMap<string, number>): [string, number][] => [...bytes].sort((a, b) => b[1] - a[1]);

/** What a person needs who is to make the file smaller, or to decide that it may be larger. */
function report(code: string): string {
  const map: ConstructorParameters<typeof SourceMap>[0] = JSON.parse(
    readFileSync(join(root, 'dist/oocsi.min.js.map'), 'utf8'),
  );
  const sources = bytesBySource(code, new SourceMap(map));
  const folders = largestFirst(bytesByFolder(sources)).map(([folder, bytes]) => {
    const more = bytes - (before[folder] ?? 0);
    return `  ${folder}: ${bytes}, ${more < 0 ? '' : '+'}${more}`;
  });
  const files = largestFirst(sources)
    .slice(0, 10)
    .map(([source, bytes]) => `  ${source}: ${bytes}`);
  return [
    'Minified bytes of each folder, and how many more than before:',
    ...folders,
    'The ten largest files:',
    ...files,
  ].join('\n');
}

test(`oocsi.min.js has ${most} bytes at most when it is compressed`, () => {
  const code = readFileSync(join(root, 'dist/oocsi.min.js'), 'utf8');
  const bytes = gzipSync(code, { level: 9 }).length;
  console.log(`dist/oocsi.min.js: ${bytes} bytes gzip`);
  expect(bytes, bytes > most ? report(code) : undefined).toBeLessThanOrEqual(most);
});
