import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { expectDepartures, expectRecorded } from './compare';
import { hold } from './hold';
import { webDepartures } from './web-departures';

const replayed: Readonly<Record<string, string>> = {
  '01-handshake': 'The server welcomes and refuses handles over WebSocket',
  '02-nameless': 'The server gives a fresh handle to who has none over WebSocket',
  '03-reserved': 'The server keeps its own names from clients over WebSocket',
  '04-registered': 'The server asks registered users for their password over WebSocket',
  '05-direct': 'The server passes messages on to handles over WebSocket',
  '06-channel': 'The server passes messages on to channels over WebSocket',
  '07-data': 'The server keeps and drops parts of the data over WebSocket',
  '08-commands': 'The server knows three commands over WebSocket and ignores all others',
  '09-passwords': 'The server protects channels by passwords over WebSocket',
  '10-retain': 'The server keeps messages for later subscribers over WebSocket',
  '11-delay': 'The server holds messages until their time over WebSocket',
  '12-presence': 'The server tells who joins and leaves a channel over WebSocket',
  '13-presence-client': 'The server tells when a client comes and goes over WebSocket',
  '14-system-channels': 'The server reports on itself once a second over WebSocket',
  '15-functions': 'The server filters and transforms messages over WebSocket',
  '16-calls': 'The server passes calls and their answers on over WebSocket',
  '17-acknowledged': 'The server passes the keys of acknowledged messages on as they are',
  '18-keepalive': 'The server pings an idle client over WebSocket, and removes one that is silent',
  '19-leave': 'The server forgets clients that leave over WebSocket',
  '20-mixed': 'Clients over TCP, over WebSocket and of Pure Data meet',
  '21-malformed': 'The server ignores frames over WebSocket that are not as they should be',
};

for (const [name, sentence] of Object.entries(replayed)) {
  test(`${sentence} (${name})`, async () => {
    expectRecorded(name, await hold('web-transcripts', name), webDepartures);
  });
}

test('A number keeps its text over WebSocket as it was written', async () => {
  const received = await hold('web-transcripts', '07-data');
  const line = received.flatMap((one) => one.lines).find((text) => text.includes('"maxlong"'));
  expect(line).toContain('"data":{"one":1.0,"tiny":1e-7,"long":9007199254740993,"maxlong":9223372036854775807}');
});

test('Every departure over WebSocket is one from what is known of the web front', async () => {
  await expectDepartures('web-transcripts', webDepartures);
});

test('Every transcript for WebSocket is replayed', async () => {
  const files = await readdir(new URL('web-transcripts', import.meta.url));
  expect(files.filter((file) => file.endsWith('.json')).sort()).toEqual(
    Object.keys(replayed).map((name) => `${name}.json`),
  );
});
