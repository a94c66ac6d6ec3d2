import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../src/server/index';
import { builtForNode, root } from '../helpers/built';

let server: Server;
beforeAll(async () => {
  server = await (await builtForNode()).startServer({ port: 0, tcpPort: 0 });
});
afterAll(() => server.close());

/** Runs a program in Node, as a user's, with `address` of a server; gives its exit code and what it printed. */
async function run(code: string, address: string | undefined): Promise<{ exit: unknown; out: string; errors: string }> {
  const program = `import { connect, createClient } from 'oocsi-client'; const address = '${address}'; ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { exit, out, errors };
}

describe.each(['tcp', 'websocket'])('a program over %s', (transport) => {
  const address = (): string | undefined => (transport === 'tcp' ? server.tcpUrl : server.url);

  test('ends by itself when its client is closed', async () => {
    const ended = await run(
      `const oocsi = await connect(address); oocsi.subscribe('x', () => {}); await oocsi.close(); console.log('closed');`,
      address(),
    );
    expect(ended).toEqual({ exit: 0, out: 'closed\n', errors: '' });
  });

  test('goes on while its client is open', async () => {
    const code = `const oocsi = await connect(address, { handle: 'open' });
      oocsi.subscribe(({ data }) => { console.log(data.text); oocsi.close(); });
      const other = await connect(address); other.send('open', { text: 'still here' }); await other.close();`;
    expect(await run(code, address())).toEqual({ exit: 0, out: 'still here\n', errors: '' });
  });

  test('goes on when a listener throws and nobody listens to "error", and is warned', async () => {
    const code = `const oocsi = await connect(address, { handle: 'typed' });
      oocsi.subscribe(({ data }) => console.log(data.color.toFixed()));
      oocsi.send('typed', { colour: 120 });
      oocsi.send('typed', { colour: 120 });
      oocsi.send('typed', { color: 120 });
      await oocsi.flush();
      await oocsi.close();`;
    const { exit, out, errors } = await run(code, address());
    expect([exit, out]).toEqual([0, '120\n']);
    expect(errors.match(/OocsiWarning: A listener failed: Cannot read properties of undefined/g)).toHaveLength(1);
  });

  test('ends when a listener throws and it asked for that', async () => {
    const code = `const oocsi = await connect(address, { handle: 'strict', unhandled: 'throw' });
      oocsi.subscribe(() => { throw new Error('my own mistake'); });
      process.on('uncaughtException', ({ message }) => { console.log('uncaught:', message); oocsi.close(); });
      oocsi.send('strict', {});`;
    expect(await run(code, address())).toEqual({ exit: 0, out: 'uncaught: my own mistake\n', errors: '' });
  });

  test('may give one signal to all that it listens to and waits for, without a warning of Node', async () => {
    const code = `const { signal } = new AbortController();
      const oocsi = await connect(address, { signal });
      for (let n = 0; n < 20; n++) {
        oocsi.subscribe('x' + n, () => {}, { signal });
        oocsi.register('x', 'call' + n, () => ({}), { signal });
        oocsi.next('y', { signal }).catch(() => {});
      }
      await oocsi.flush({ signal });
      await oocsi.close();`;
    expect(await run(code, address())).toEqual({ exit: 0, out: '', errors: '' });
  });

  test('is not ended by a failed connect that it handles, and ends by itself', async () => {
    const code = `await connect(address, { handle: 'SERVER' }).catch(({ code }) => console.log(code));`;
    expect(await run(code, address())).toEqual({ exit: 0, out: 'refused\n', errors: '' });
  });
});
