import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { builtForNode, root } from '../helpers/built';
import { createInbox } from '../helpers/inbox';
import { listening } from '../helpers/listening';
import { signalTwice } from '../helpers/signal-twice';

/** Runs `npm start` without npm. */
function start(...options: string[]) {
  const child = spawn(process.execPath, [join(root, 'scripts/start.js'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = createInbox<string>();
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', lines.push);
  return {
    child,
    lines,
    exited: once(child, 'exit'),
    /** The first line that matches. */
    async line(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const match = pattern.exec(await lines.next());
        if (match) return match;
      }
    },
  };
}

/** What the server says first to a page from a file. */
async function firstFrame(url: string): Promise<string> {
  const socket = new WebSocket(url, { headers: { origin: 'null' } });
  const [frame] = await Promise.all([once(socket, 'message'), once(socket, 'open').then(() => socket.send('page'))]);
  socket.close();
  return String(frame[0]);
}

describe('npm start', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'serves pages, WebSocket and TCP, with a sensor and a responder, and %s ends it all',
    async (signal) => {
      const run = start('--port', '0', '--tcp-port', '0');
      const [, site = ''] = await run.line(/Open in a browser +(http:\S+)/);
      const [, ws = ''] = await run.line(/Connect from a page +(ws:\S+)/);
      const [, tcp = ''] = await run.line(/Connect over TCP +(\S+)/);
      const [, file = ''] = await run.line(/^ +(ws:\S+\?token=\S+)$/);
      const [, sensor] = await run.line(/as (sensor_\d{3})/);
      expect(await (await fetch(site)).text()).toContain('OOCSI');
      const { connect } = await builtForNode();
      // A page from a file has the origin that any site can give to a frame, so it needs the token.
      expect(await (await fetch(site)).text()).toContain(new URL(file).search);
      expect(await firstFrame(file)).toMatch(/welcome page/);
      expect(await firstFrame(ws)).toMatch(/origin null not allowed/);
      for (const target of [ws, tcp]) {
        const client = await connect(target);
        const { value } = await client.messages('live').next();
        expect(value).toMatchObject({ sender: sensor, data: { load: expect.any(Number), memory: expect.any(Number) } });
        await expect.poll(() => client.members('dice')).toEqual([expect.stringMatching(/^responder_\d{3}$/)]);
        expect(await client.call('dice', 'roll', { sides: 1 })).toEqual({ rolled: 1 });
        await client.close();
      }
      run.child.kill(signal);
      expect(await run.exited).toEqual([0, null]);
      await expect(connect(tcp)).rejects.toMatchObject({ code: 'unreachable' });
    },
  );

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'saves although %s comes twice, as Ctrl-C does under npm',
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), 'oocsi-start-'));
      const store = join(folder, 'kept.json');
      const run = start('--port', '0', '--tcp-port', '0', '--no-sensor', '--store', store);
      const [, port] = await run.line(/Connect over TCP +\S+:(\d+)/);
      await run.line(/answering calls/);
      await signalTwice(run.child, signal, Number(port));
      expect(await run.exited).toEqual([0, null]);
      expect(readFileSync(store, 'utf8')).toContain('colour');
      rmSync(folder, { recursive: true });
    },
  );

  test('ends when npm itself is ended', async () => {
    const npm = spawn('npm', ['start', '--', '--port', '0', '--tcp-port', '0'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = createInbox<string>();
    createInterface({ input: npm.stdout }).on('line', lines.push);
    let line = '';
    while (!line.includes('Connect over TCP')) line = await lines.next();
    npm.kill('SIGTERM');
    const { connect } = await builtForNode();
    const gone = (): Promise<unknown> =>
      connect(line.replace(/.* /, '')).then(
        (client) => client.close(),
        ({ code }) => code,
      );
    await expect.poll(gone).toBe('unreachable');
  });

  test.each([
    ['--port', 'port'],
    ['--tcp-port', 'tcp-port'],
  ])(
    'says in one line that the port of %s is in use, and which option changes it beside the others',
    async (option, name) => {
      const busy = await listening(createServer());
      const free = option === '--port' ? ['--tcp-port', '0'] : ['--port', '0'];
      const run = start(option, String(busy.port), ...free);
      expect(await run.exited).toEqual([1, null]);
      expect(run.lines.waiting).toEqual([
        `Port ${busy.port} is in use by another program. Choose another one: npm start -- ${free.join(' ')} --${name} ${busy.port + 1}`,
      ]);
      await busy.close();
    },
  );

  test('prints the addresses for the network when it listens to all of it', async () => {
    const run = start('--host', '0.0.0.0', '--port', '0', '--tcp-port', '0', '--no-sensor');
    const printed: string[] = [];
    for (let line = await run.lines.next(); !line.includes('TCP'); line = await run.lines.next()) printed.push(line);
    expect(printed.join('\n')).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
    run.child.kill('SIGTERM');
    await run.exited;
  });

  test('explains an option that it does not know', async () => {
    const run = start('--prot', '1');
    expect(await run.exited).toEqual([1, null]);
    expect(run.lines.waiting.join('\n')).toMatch(/--prot.*\n.*Usage: npm start/);
  });
});
