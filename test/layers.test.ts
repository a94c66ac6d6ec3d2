import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** What a file imports: paths within src without their ending, or names of packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.matchAll(/^(?:import|export)\b[^;]*?from '(?<from>[^']+)'/gm);
  return [...lines].map(({ groups }) => {
    const from = groups?.['from'] ?? '';
    return from.startsWith('.') ? normalize(join(dirname(file), from)) : from;
  });
}

const moduleOf = (file: string): string => file.replace(/(\.node|\.browser)?\.ts$/, '');
const isInside = (to: string): boolean =>
  /^(protocol|core|adapters|server|testing|connect|platform|index|tcp|script)\b/.test(to);

/** The core from top to bottom: a file imports from lines below its own only. */
const coreLayers = [
  ['core/client'],
  ['core/api'],
  ['core/channel'],
  ['core/send'],
  ['core/acks', 'core/order', 'core/calls', 'core/variables', 'core/presence', 'core/listings', 'core/receive'],
  ['core/poison'],
  ['core/base', 'core/variable'],
  ['core/loop'],
  ['core/session'],
  ['core/attempt'],
  ['core/options'],
  ['core/subscriptions', 'core/outbox', 'core/gaps', 'core/identity', 'core/line', 'core/web'],
  ['core/readers'],
  ['core/wire', 'core/events', 'core/form', 'core/schema', 'core/backoff', 'core/encode'],
  ['core/lifecycle', 'core/wake'],
  ['core/filter-check', 'core/link', 'core/bounds', 'core/limit', 'core/stable-text', 'core/typing', 'core/versions'],
  ['core/handle', 'core/message', 'core/liveness'],
  ['core/emitter', 'core/unhandled'],
  ['core/errors', 'core/check', 'core/clock', 'core/lines', 'core/depth'],
  // What client and server agree on.
  ['protocol/refusals'],
];
const layerOf = (module: string): number => coreLayers.findIndex((layer) => layer.includes(module));

describe('the layers', () => {
  test('know every file of the core', () => {
    const core = files.filter((file) => file.startsWith('core/')).map(moduleOf);
    expect(core.filter((module) => layerOf(module) < 0)).toEqual([]);
  });

  test.each(files.filter((file) => file.startsWith('core/')))('%s imports downwards only', (file) => {
    for (const to of importsOf(file).filter((one) => isInside(one) && !one.startsWith('protocol/'))) {
      expect(`${file} → ${to}: ${layerOf(to) > layerOf(moduleOf(file)) ? 'down' : 'up or sideways'}`).toBe(
        `${file} → ${to}: down`,
      );
    }
  });

  test.each(files.filter((file) => /^core\/(errors|check|clock|lines|depth)\.ts$/.test(file)))(
    '%s imports nothing but what client and server agree on',
    (file) => {
      expect(importsOf(file).filter((to) => !to.startsWith('protocol/'))).toEqual([]);
    },
  );

  test.each(files.filter((file) => file.startsWith('protocol/')))('%s imports from its own room only', (file) => {
    expect(importsOf(file).filter((to) => !to.startsWith('protocol/'))).toEqual([]);
  });

  test.each(files.filter((file) => file.startsWith('adapters/')))('%s knows links, lines and errors only', (file) => {
    const known = /^(protocol\/refusals|core\/(link|lines|errors)|adapters\/)/;
    expect(importsOf(file).filter((to) => isInside(to) && !known.test(to))).toEqual([]);
  });

  test.each(files.filter((file) => file.startsWith('server/')))('%s knows nothing of the client', (file) => {
    const known = /^(server\/|protocol\/|core\/(line|lines|link|message|errors|emitter|handle|check|clock|unhandled)$)/;
    expect(importsOf(file).filter((to) => isInside(to) && !known.test(to))).toEqual([]);
  });

  test.each(files.filter((file) => file.startsWith('testing/')))('%s knows links and the broker only', (file) => {
    const known = /^(testing\/|adapters\/memory$|server\/broker$|core\/(lines|link|errors|clock)$)/;
    expect(importsOf(file).filter((to) => isInside(to) && !known.test(to))).toEqual([]);
  });

  test('let only the edges know Node', () => {
    const withNode = files.filter((file) =>
      importsOf(file).some((to) => to.startsWith('node:') || to === 'ws' || to === 'isomorphic-ws'),
    );
    expect(
      withNode.filter(
        (file) =>
          !/^(adapters\/tcp|adapters\/[a-z]+\.node|server\/listeners\/[a-z-]+|server\/store\/file-store)\.ts$/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });

  test('touch no platform global in the core but those that every platform has', () => {
    const forbidden =
      /\b(window[.[]|document|process|Buffer|require|global|navigator|localStorage|console|setTimeout|setInterval|Date\.now|Math\.random)/;
    const guilty = files
      .filter((file) => file.startsWith('core/') && !/^core\/(clock|wake|unhandled)\.ts$/.test(file))
      .filter((file) => {
        const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'|`[^`]*`/g, '');
        return forbidden.test(code);
      });
    expect(guilty).toEqual([]);
  });
});
