import { expect, test } from 'vitest';
import { expectDepartures, expectRecorded } from './compare';
import { departures } from './departures';
import { hold } from './hold';
import type { Received, Recorded } from './replay';

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

for (const [name, sentence] of Object.entries(replayed)) {
  test(`${sentence} (${name})`, async () => {
    expectRecorded(name, withoutChance(name, await hold('transcripts', name)), departures);
  });
}

test('The server passes the text of numbers on as it was written', async () => {
  const received = await hold('transcripts', '04-data');
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
  await expectDepartures('transcripts', departures);
});
