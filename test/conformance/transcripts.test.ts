import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/server/start';
import { createVirtualClock } from '../helpers/virtual-clock';
import { departures } from './departures';
import { type Received, type Recorded, replay, type Transcript } from './replay';

const replayed: Readonly<Record<string, string>> = {
  '01-handshake': 'The server welcomes and refuses handles as recorded',
  '02-direct': 'The server passes messages on to handles as recorded',
  '03-channel': 'The server passes messages on to channels as recorded',
  '04-data': 'The server keeps and drops parts of the data as recorded',
  '05-commands': 'The server answers commands as recorded',
  '06-passwords': 'The server protects channels by passwords as recorded',
  '07-password-late': 'The server keeps an open channel open as recorded',
  '08-retain': 'The server keeps messages for later subscribers as recorded',
  '09-delay': 'The server holds messages until their time as recorded',
  '10-presence': 'The server tells who joins and leaves a channel as recorded',
  '11-presence-client': 'The server tells when a client comes and goes as recorded',
  '12-functions': 'The server filters and transforms messages as recorded',
  '13-system-channels': 'The server reports on itself once a second as recorded',
  '14-names': 'The server tells handles from channels as recorded',
  '15-framing': 'The server puts lines together from packets as recorded',
  '16-calls': 'The server passes calls and their answers on as recorded',
  '17-leave': 'The server forgets clients that leave as recorded',
  '18-presence-refresh': 'The server repeats who is in a channel as recorded',
  '19-keepalive': 'The server pings an idle client as recorded',
};

async function load(name: string): Promise<Transcript> {
  return JSON.parse(await readFile(new URL(`transcripts/${name}.json`, import.meta.url), 'utf8'));
}

/** When the conversations are held: after all dates in them, as when they were recorded. */
const recordedIn2026 = Date.UTC(2026, 10, 22);

async function hold(name: string): Promise<Received[]> {
  const clock = createVirtualClock();
  await clock.advance(recordedIn2026 - clock.now());
  const server = await startServer({ port: 0, tcpPort: 0, clock });
  onTestFinished(() => server.close());
  return replay(await load(name), server, clock);
}

/** Conversations in which a refresh falls by chance; that there are some, and what they tell, is what 18 is about. */
const refreshByChance = new Set(['10-presence', '11-presence-client']);

function isRefresh(line: Recorded): boolean {
  return (typeof line === 'string' ? line : JSON.stringify(line)).includes('"refresh":');
}

/** Leaves out of a conversation what fell into it by chance. */
function withoutChance(name: string, received: readonly Received[]): readonly Received[] {
  if (!refreshByChance.has(name)) return received;
  return received.map(({ lines, recorded, ...rest }) => ({
    ...rest,
    lines: lines.filter((line) => !isRefresh(line)),
    recorded: { ...recorded, lines: recorded.lines.filter((line) => !isRefresh(line)) },
  }));
}

/** What our server is to give: what was recorded, but for the departures. */
function expected(name: string, { client, turn, recorded }: Received): Outcome {
  const own = departures.filter((one) => one.transcript === name && one.client === client && one.turn <= turn);
  const lines = own.find((one) => one.turn === turn)?.lines ?? recorded.lines;
  return { client, turn, lines: lines.map(comparable), closed: recorded.closed || own.some((one) => one.closed) };
}

/** What our server gave: objects where objects were expected, any other line as its text. */
function actual({ client, turn, lines, closed }: Received, { lines: wanted }: Outcome): Outcome {
  const read = (line: string, index: number): Recorded => (typeof wanted[index] === 'object' ? JSON.parse(line) : line);
  return { client, turn, lines: lines.map((line, index) => comparable(read(line, index))), closed };
}

interface Outcome {
  readonly client: string;
  readonly turn: number;
  readonly lines: readonly Recorded[];
  readonly closed: boolean;
}

/** Any integer is a timestamp or the age of a server, and lists of names have no order. */
function comparable(line: Recorded): Recorded {
  if (typeof line === 'string') return sorted(line);
  return Object.fromEntries(
    Object.entries(line).map(([key, value]) => {
      if (key === 'timestamp' || key === 'uptime') return [key, Number.isSafeInteger(value) ? `<${key}>` : value];
      if (key === 'refresh' && Array.isArray(value)) return [key, [...value].sort()];
      return [key, /^(clients|channels)$/.test(key) && typeof value === 'string' ? sorted(value) : value];
    }),
  );
}

function sorted(names: string): string {
  const between = /, ?/.exec(names)?.[0] ?? ',';
  return names.split(between).sort().join(between);
}

for (const [name, sentence] of Object.entries(replayed)) {
  test(`${sentence} (${name})`, async () => {
    const received = withoutChance(name, await hold(name));
    const wanted = (one: Received): Outcome => expected(name, one);
    expect(received.map((one) => actual(one, wanted(one)))).toEqual(received.map(wanted));
  });
}

test('The server passes the text of numbers on as it was written', async () => {
  const received = await hold('04-data');
  const line = received.flatMap((one) => one.lines).find((text) => text.includes('"maxlong"'));
  for (const text of [
    '"i":1',
    '"neg":-1',
    '"zero":0',
    '"d":1.5',
    '"one":1.0',
    '"tiny":1e-7',
    '"long":9007199254740993',
    '"maxlong":9223372036854775807',
  ]) {
    expect(line).toMatch(new RegExp(`[{,]${text.replace('.', '\\.')}[,}]`));
  }
});

test('Every departure is one from what was recorded', async () => {
  for (const { transcript, client, turn, lines, closed } of departures) {
    const { steps } = await load(transcript);
    const recorded = steps.filter((step) => 'receive' in step && step.receive === client)[turn];
    expect(recorded, `${transcript}, ${client}, ${turn}`).toBeDefined();
    const ours = { ...recorded, ...(lines && { lines }), ...(closed && { closed }) };
    expect(ours, `${transcript}, ${client}, ${turn}`).not.toEqual(recorded);
  }
});
