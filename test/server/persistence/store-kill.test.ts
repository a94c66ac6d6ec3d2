import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/index';
import { fileStore } from '../../../src/server/persistence/file-store';

/** A server of its own whose store tells after each save which count it has saved. */
const program = `
  import { fileStore, startServer } from './server/index';
  const inner = fileStore(process.argv[2]);
  const store = {
    load: inner.load,
    async save(snapshot) {
      await inner.save(snapshot);
      process.send({ saved: Math.max(0, ...snapshot.retained.map(({ data }) => JSON.parse(data).n)) });
    },
  };
  const server = await startServer({ port: 0, tcpPort: 0, store });
  process.send({ url: server.tcpUrl });
`;

test('What was saved is there after kill -9 under load, whole, whenever it comes', { timeout: 60_000 }, async () => {
  const { outputFiles } = await build({
    stdin: { resolveDir: join(import.meta.dirname, '../../../src'), contents: program },
    ...{ bundle: true, write: false, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' },
  });
  const root = join(import.meta.dirname, '../../..');
  await mkdir(join(root, '.tmp'), { recursive: true });
  const folder = await mkdtemp(join(root, '.tmp/kill-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'program.mjs');
  const path = join(folder, 'kept.json');
  await writeFile(file, outputFiles[0]?.text ?? '');
  let count = 0;
  for (let round = 0; round < 6; round++) {
    const child = fork(file, [path]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const [{ url }] = await once(child, 'message');
    const client = await connect(url, { handle: 'counter', reconnect: false });
    for (let channel = 0; channel < 20; channel++) client.subscribe(`room${channel}`, () => undefined);
    let saved = 0;
    let saves = 0;
    child.on('message', ({ saved: told }: { readonly saved: number }) => {
      saved = told;
      // In another state of a save in each round: at once after one, or so many messages later.
      if (++saves === 3 + round) child.kill('SIGKILL');
    });
    const text = 'x'.repeat(round * 1_000);
    while (child.signalCode === null && client.state.status === 'connected') {
      for (let burst = 0; burst <= 40 * round; burst++) {
        count++;
        client.send(`room${count % 20}`, { n: count, text }, { retain: 600 });
      }
      await new Promise(setImmediate);
    }
    await Promise.all([exited, client.close()]);
    const warnings: string[] = [];
    const { retained } = await fileStore(path).load((line) => warnings.push(line));
    const counts = retained.map(({ data }) => Number(JSON.parse(data).n));
    expect(warnings).toEqual([]);
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(saved);
    expect(saved).toBeGreaterThan(0);
    // Of one moment: the last messages of all channels, without one that is missing.
    const newest = Math.max(...counts);
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => newest - 19 + index));
  }
});
