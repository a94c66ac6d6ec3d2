import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../helpers/built';
import { signalTwice } from '../helpers/signal-twice';

const docs = readFileSync(join(root, 'docs/server.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...docs.matchAll(/```(?<language>\w+)\n(?<code>[\s\S]*?)```/g)]
    .filter(({ groups }) => groups?.['language'] === language)
    .map(({ groups }) => groups?.['code'] ?? '');

// Inside the package's folder, so that `oocsi-client` is this package; not tracked.
mkdirSync(join(root, '.tmp'), { recursive: true });
const folder = mkdtempSync(join(root, '.tmp/server-docs-'));
const running: ChildProcess[] = [];

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output.text += piece;
    });
  }
  return { child, output, exited: once(child, 'close') };
}

afterAll(async () => {
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(
    running.map((child) => child.exitCode !== null || child.signalCode !== null || once(child, 'exit')),
  );
  rmSync(folder, { recursive: true });
});

/** What a comment promises, with `…` for anything. */
function promised(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** Runs `npm start` as written, but for npm and the ports; gives the port for pages. */
async function startServer(line: string): Promise<string> {
  const options = line
    .split(/\s+/)
    .slice(2)
    .filter((word) => word !== '--');
  const { output } = start(process.execPath, [
    ...[join(root, 'scripts/start.js'), '--port', '0', '--tcp-port', '0'],
    ...options,
  ]);
  await expect.poll(() => output.text).toMatch(/answering calls/);
  return /https?:\/\/(localhost|127\.0\.0\.1):(?<port>\d+)/.exec(output.text)?.groups?.['port'] ?? '';
}

const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

describe('docs/server.md', () => {
  const commands = blocks('sh').flatMap((code) => code.replaceAll('\\\n', ' ').trim().split('\n'));
  const ports = { http: '', https: '' };

  test.skipIf(!has('curl') || !has('openssl'))('has commands that run as written', async () => {
    let listener: ReturnType<typeof start> | undefined;
    ports.http = await startServer('npm start');
    for (const command of commands) {
      const [line = '', expected = ''] = command.split(/ #=> /);
      if (line === 'npm ci') continue;
      if (line.startsWith('npm start')) {
        const port = await startServer(line);
        if (line.includes('--tls')) ports.https = port;
        continue;
      }
      const port = line.includes('https:') ? ports.https : ports.http;
      const run = line.replaceAll('localhost:9000', `localhost:${port}`);
      if (line.startsWith('curl -N')) {
        // Without its meter, which would get in between the lines that it prints.
        listener = start('sh', ['-c', `exec ${run.replace(/^curl /, 'curl -s ')}`]);
        const { output } = listener;
        await expect.poll(() => output.text).toContain(': you are');
        continue;
      }
      const { status, stdout } = spawnSync('sh', ['-c', run.replace(/^curl /, 'curl -s ')], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([line, status]).toEqual([line, 0]);
      if (expected !== '') expect(stdout.trim()).toMatch(promised(expected));
    }
    expect(commands.filter((line) => line.includes('#=>')).length).toBeGreaterThan(9);
    const heard = (): unknown[] =>
      [...(listener?.output.text ?? '').matchAll(/^data: (?<json>.*)$/gm)].map(({ groups }) =>
        JSON.parse(groups?.['json'] ?? ''),
      );
    await expect.poll(heard).toMatchObject([
      { sender: 'WEB-REQUEST', data: { color: 120 } },
      { sender: 'shell', data: { color: '120' } },
      { sender: 'WEB-REQUEST', data: { parameter: '120' } },
    ]);
    const [shown = ''] = /^data: .*$/m.exec(blocks('text')[0] ?? '') ?? [];
    const withoutTime = (text: string): string => text.replace(/"timestamp":\d+/, '');
    expect(withoutTime(listener?.output.text ?? '')).toContain(withoutTime(shown));
  });

  test('has a unit of systemd that can be started and enabled', () => {
    const [unit = ''] = blocks('ini');
    const sections = unit.split(/^(?=\[)/m).map((section) => section.trim().split('\n'));
    expect(sections.map(([name]) => name)).toEqual(['[Unit]', '[Service]', '[Install]']);
    const lines = sections.flat();
    expect(lines).toContain('WantedBy=multi-user.target');
    for (const key of ['Description', 'User', 'WorkingDirectory', 'ExecStart', 'Restart']) {
      expect(lines.filter((line) => line.startsWith(`${key}=`))).toHaveLength(1);
    }
  });

  test.skipIf(!has('openssl'))('has programs that run as written', async () => {
    if (ports.https === '') {
      for (const command of commands)
        if (command.startsWith('openssl')) spawnSync('sh', ['-c', command], { cwd: folder });
    }
    const programs = blocks('js');
    expect(programs.length).toBe(6);
    for (const [index, code] of programs.entries()) {
      const file = join(folder, `program-${index}.mjs`);
      // Tests must not need the usual ports.
      writeFileSync(file, code.replace(/startServer\(\{(?! port)/, 'startServer({ port: 0, tcpPort: 0,'));
      const { child, output, exited } = start(process.execPath, [file]);
      const results = [...code.matchAll(/\/\/=> (?<text>.*)$/gm)].map(({ groups }) => groups?.['text'] ?? '');
      if (code.includes('SIGTERM')) {
        await expect.poll(() => output.text).toMatch(/^0$/m);
        const port = /tcp:\/\/\S+:(?<port>\d+)/.exec(output.text)?.groups?.['port'] ?? '';
        await signalTwice(child, 'SIGTERM', Number(port), ':secret');
        expect(readFileSync(join(folder, 'data/kept.json'), 'utf8')).toContain('colour');
      }
      const exit = await exited;
      expect([index, exit, output.text]).toEqual([index, [0, null], output.text]);
      for (const result of results)
        expect(output.text.split('\n')).toContainEqual(expect.stringMatching(promised(result)));
    }
  });

  test('names files and sections that exist', () => {
    const links = [...docs.matchAll(/\]\((?<path>[^)#:]*)#?(?<section>[^)]*)\)/g)].map(({ groups }) => groups);
    const headings = [...docs.matchAll(/^#+ (?<text>.*)$/gm)].map(({ groups }) => groups?.['text'] ?? '');
    const sections = headings.map((text) => text.toLowerCase().replaceAll(' ', '-'));
    for (const link of links) {
      if (link?.['path']) expect(readFileSync(join(root, 'docs', link['path']), 'utf8')).not.toBe('');
      else expect(sections).toContain(link?.['section']);
    }
    expect(links.length).toBeGreaterThan(10);
  });

  test('names all options and limits that there are', () => {
    const options = readFileSync(join(root, 'src/server/start-server.ts'), 'utf8');
    const limits = readFileSync(join(root, 'src/server/config/limits.ts'), 'utf8');
    const names = (text: string, of: string): string[] => {
      const body = new RegExp(`interface ${of} \\{(?<body>[\\s\\S]*?)\\n\\}`).exec(text)?.groups?.['body'] ?? '';
      return [...body.matchAll(/^ {2}readonly (?<name>\w+)/gm)].map(({ groups }) => groups?.['name'] ?? '');
    };
    const all = [...names(options, 'ServerOptions'), ...names(limits, 'ServerLimits')];
    expect(all.length).toBeGreaterThan(30);
    for (const name of all) expect(docs).toMatch(new RegExp(`^\\| \`${name}\` `, 'm'));
  });
});
