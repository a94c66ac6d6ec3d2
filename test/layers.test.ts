import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../src');

const base = ['util', 'protocol'];
const features = ['core/calls', 'core/variables', 'core/presence', 'core/reliable'];
const domain = [...base, 'server/config', 'server/domain'];
const broker = [
  ...domain,
  ...['server/flow', 'server/filters', 'server/features', 'server/admission', 'server/limits', 'server/persistence'],
];

/** Each folder that has a purpose of its own, and what it may import besides itself. Nobody imports upwards. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  util: [],
  protocol: ['util'],
  'core/session': base,
  'core/messaging': [...base, 'core/session'],
  'core/calls': [...base, 'core/session', 'core/messaging'],
  'core/variables': [...base, 'core/session', 'core/messaging'],
  'core/presence': [...base, 'core/session', 'core/messaging'],
  'core/reliable': [...base, 'core/session', 'core/messaging'],
  core: [...base, 'core/session', 'core/messaging', ...features],
  adapters: base,
  platform: [...base, 'adapters'],
  'server/config': base,
  'server/domain': [...base, 'server/config'],
  'server/flow': domain,
  'server/filters': [...domain, 'server/flow'],
  'server/features': [...domain, 'server/flow'],
  'server/admission': [...domain, 'server/flow'],
  'server/limits': [...domain, 'server/flow'],
  'server/persistence': [...domain, 'server/features'],
  'server/broker': broker,
  'server/http': [...broker, 'server/broker'],
  'server/listeners': [...broker, 'server/broker', 'server/http'],
  server: [...broker, 'server/broker', 'server/http', 'server/listeners'],
  testing: [...base, 'adapters', 'server/broker'],
  // The public doors beside the folders: `index.ts`, `connect.ts`, `script.ts` and `tcp.ts`.
  '': [...base, 'adapters', 'platform', 'core', 'core/session', 'core/messaging', ...features],
};

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The folder of the table that a file belongs to: the longest name that its path begins with. */
function roomOf(file: string): string {
  const names = Object.keys(rooms).filter((room) => room === '' || file.startsWith(`${room}/`));
  return names.sort((a, b) => b.length - a.length)[0] ?? '';
}

interface Import {
  readonly from: string;
  /** A file below `src`, or the name of a package. */
  readonly to: string;
}

function resolve(file: string, specifier: string): string {
  if (specifier === '#platform') return 'platform/platform.ts';
  if (specifier === '#filter-check') return 'protocol/filter-check-browser.ts';
  if (!specifier.startsWith('.')) return specifier;
  const path = normalize(join(dirname(file), specifier));
  const found = [`${path}.ts`, `${path}/index.ts`, path].find((name) => existsSync(join(root, name)));
  if (!found?.endsWith('.ts')) throw new Error(`${file} imports ${specifier}, which is no file`);
  return found;
}

/** All imports, of types and while a program runs, too. */
const imports: readonly Import[] = files.flatMap((from) => {
  const found = textOf(from).matchAll(
    /^(?:import|export)\b[^;]*?from '(?<static>[^']+)'|\bimport\('(?<dynamic>[^']+)'\)/gm,
  );
  return [...found].map(({ groups }) => ({ from, to: resolve(from, groups?.['static'] ?? groups?.['dynamic'] ?? '') }));
});
const inside = imports.filter(({ to }) => to.endsWith('.ts'));

/** The first circle there is in a graph, as a path. */
function circleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>();
  function search(node: string, path: readonly string[]): readonly string[] {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return [];
    for (const next of edges.get(node) ?? []) {
      const circle = search(next, [...path, node]);
      if (circle.length > 0) return circle;
    }
    done.add(node);
    return [];
  }
  return [...edges.keys()].map((node) => search(node, [])).find((circle) => circle.length > 0) ?? [];
}

function graph(pairs: readonly Import[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of pairs) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

describe('the folders of src', () => {
  test('are all in the table, and there', () => {
    const used = new Set(files.map(roomOf));
    expect([...used].sort()).toEqual(Object.keys(rooms).sort());
    expect(files.filter((file) => roomOf(file) === '').sort()).toEqual([
      'connect.ts',
      'index.ts',
      'script.ts',
      'tcp.ts',
    ]);
  });

  test.each(Object.keys(rooms))('%s imports what it may', (room) => {
    const wrong = inside
      .filter(({ from, to }) => roomOf(from) === room && roomOf(to) !== room)
      .filter(({ to }) => !rooms[room]?.includes(roomOf(to)));
    expect(wrong).toEqual([]);
  });

  test('are imported by their entry file only', () => {
    const past = inside
      .filter(({ from, to }) => roomOf(from) !== roomOf(to) && to !== `${roomOf(to)}/index.ts`)
      // Each platform picks its own of the adapters: an entry file for all would bring Node's into pages.
      .filter(({ from, to }) => !from.startsWith('platform/') && from !== 'tcp.ts' && to !== 'platform/platform.ts');
    expect(past).toEqual([]);
  });

  test('have no circle in the table, and none among their files', () => {
    expect(circleIn(new Map(Object.entries(rooms).map(([room, to]) => [room, new Set(to)])))).toEqual([]);
    expect(circleIn(graph(inside))).toEqual([]);
  });

  test('find a circle where there is one', () => {
    const edges = graph([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'b' },
    ]);
    expect(circleIn(edges)).toEqual(['b', 'c', 'b']);
  });
});

describe('Node and its packages', () => {
  test('are known to the edges only', () => {
    const edges =
      /^(adapters\/(tcp|[a-z-]+-node)\.ts|platform\/node\.ts|server\/listeners\/|server\/persistence\/file-store|server\/start-server)/;
    const outside = imports.filter(({ to }) => to.startsWith('node:') || to === 'ws' || to === 'isomorphic-ws');
    expect(outside.filter(({ from }) => !edges.test(from))).toEqual([]);
  });

  test('are not reached by a global of one platform in the core', () => {
    const forbidden =
      /\b(window[.[]|document|process|Buffer|require|global|navigator|localStorage|console|setTimeout|setInterval|Date\.now|Math\.random)/;
    const guilty = files
      .filter((file) => file.startsWith('core/') && file !== 'core/session/page-lifecycle.ts')
      .filter((file) => forbidden.test(textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'|`[^`]*`/g, '')));
    expect(guilty).toEqual([]);
  });
});
