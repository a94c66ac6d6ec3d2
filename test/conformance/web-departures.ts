import type { RefusalCode } from '../../src/protocol/refusals';
import { type Departure, notClosed, noValue, unreadable } from './departures';
import type { Recorded } from './replay';

const reserved = 'nobody but the server speaks under its own names';
const users = 'a registered user is let in by the password only, and nobody is shown it';
const secondSubscriber = 'every subscriber with the right password gets the messages, not only the first one';
const delays = 'what can be delayed over TCP can be over WebSocket, too';
const coded = 'a client decides by a code, and not by a sentence';
const atOnce = 'a new watcher is told at once who is there, not only at the next turn';
const alwaysReports = 'NAME/? always reports, so that one who waits for an answer gets one';

const noPresence = '{"message" : "ERROR: presence not accepted: only names of A-Z, a-z, 0-9, _ and - have one"}';

const at = { timestamp: '<timestamp>' };

function secret(n: number): Recorded {
  return { recipient: 'p_secret:pw', ...at, sender: 'p_carol', data: { n } };
}

function delayed(recipient: string, data: Readonly<Record<string, unknown>>): Recorded {
  return { recipient, ...at, sender: 'y_alice', data };
}

function refresh(name: string): Recorded {
  return { recipient: `presence(${name})`, ...at, sender: name, data: { channel: name, refresh: [] } };
}

function refused(transcript: string, client: string, code: RefusalCode, reason: string, why: string): Departure {
  const line = `{"message" : "ERROR: ${reason}","code":"${code}"}`;
  return { transcript, client, turn: 0, lines: [line], closed: true, why };
}

const nowhere = { recipient: 'z_nowhere/?', ...at, sender: 'SERVER', data: { channels: '' } };
const metrics = {
  recipient: 'OOCSI_metrics',
  ...at,
  sender: 'SERVER',
  data: { clients: 2, channels: 5, messages: 0, uptime: '<uptime>', messagesTotal: 0 },
};

/** Where our server answers clients over WebSocket differently from the reference web front, on purpose. */
export const webDepartures: readonly Departure[] = [
  refused('01-handshake', 'dup', 'taken', 'client w_alice exists already', coded),
  refused('01-handshake', 'ghost', 'taken', 'client w_alice exists already', coded),
  refused('01-handshake', 'hall', 'taken', 'client w_hall exists already', coded),
  refused('20-mixed', 'dup', 'taken', 'client x_tom exists already', coded),
  refused('03-reserved', 'a', 'handshake', 'name reserved for the server: SERVER', reserved),
  refused('03-reserved', 'b', 'handshake', 'name reserved for the server: OOCSI_events', reserved),
  refused('03-reserved', 'c', 'handshake', 'name reserved for the server: presence(k_room)', reserved),
  refused('03-reserved', 'd', 'handshake', 'name reserved for the server: k_room/?', reserved),
  { transcript: '04-registered', client: 'a', turn: 0, lines: ['{"message" : "welcome u_ann"}'], why: users },
  refused('04-registered', 'wrong', 'password', 'password wrong for name: u_ann', users),
  refused('04-registered', 'bare', 'password', 'password wrong for name: u_ann', users),
  refused('04-registered', 'other', 'password', 'password wrong for name: u_other', users),
  { transcript: '04-registered', client: 'a', turn: 1, lines: [], why: users },
  {
    transcript: '04-registered',
    client: 'b',
    turn: 1,
    lines: [{ recipient: 'u_bob', ...at, sender: 'u_ann', data: { n: 2 } }],
    why: users,
  },
  {
    transcript: '04-registered',
    client: 'a',
    turn: 2,
    lines: [{ recipient: 'u_ann', ...at, sender: 'u_bob', data: { n: 3 } }],
    why: users,
  },
  {
    transcript: '07-data',
    client: 'b',
    turn: 5,
    lines: [{ recipient: 'e_bob', ...at, sender: 'e_alice', data: { big: 2 ** 63, small: -(2 ** 63), kept: 'x' } }],
    why: 'a whole number that needs more than 64 bits is carried, and not lost in silence',
  },
  { transcript: '09-passwords', client: 'b', turn: 3, lines: [secret(6)], why: secondSubscriber },
  { transcript: '09-passwords', client: 'b', turn: 4, lines: [secret(7)], why: secondSubscriber },
  { transcript: '11-delay', client: 'b', turn: 1, lines: [], why: delays },
  { transcript: '11-delay', client: 'b', turn: 2, lines: [delayed('y_color', { n: 1, _DELAY: 1 })], why: delays },
  { transcript: '11-delay', client: 'b', turn: 3, lines: [], why: delays },
  { transcript: '11-delay', client: 'b', turn: 4, lines: [delayed('y_color', { n: 3, _DELAY: '1' })], why: delays },
  {
    transcript: '11-delay',
    client: 'a',
    turn: 10,
    lines: ['{"message" : "ERROR: delay longer than 86400 s"}'],
    why: 'what waits for years would be forgotten by whoever sent it; a server bounds it and says so',
  },
  { transcript: '11-delay', client: 'b', turn: 10, lines: [], why: delays },
  { transcript: '11-delay', client: 'b', turn: 11, lines: [], why: delays },
  {
    transcript: '11-delay',
    client: 'b',
    turn: 12,
    lines: [delayed('y_bob', { n: 6, _DELAY: 1, _RETAIN: 5 })],
    why: delays,
  },
  { transcript: '12-presence', client: 'w', turn: 1, lines: [refresh('n_room')], why: atOnce },
  {
    transcript: '12-presence',
    client: 'w',
    turn: 9,
    lines: [noPresence, noPresence],
    why: 'what would never tell anything is answered by an error',
  },
  { transcript: '12-presence', client: 'w', turn: 10, lines: [], why: 'unsubscribe presence(NAME) ends the watching' },
  { transcript: '13-presence-client', client: 'w', turn: 1, lines: [refresh('m_alice')], why: atOnce },
  { transcript: '14-system-channels', client: 'a', turn: 3, lines: [], why: reserved },
  { transcript: '14-system-channels', client: 'a', turn: 7, lines: [nowhere, nowhere], why: alwaysReports },
  { transcript: '14-system-channels', client: 'a', turn: 8, lines: [metrics, metrics], why: 'a forgery is no message' },
  { transcript: '15-functions', client: 'b', turn: 7, lines: [`{"message" : "ERROR: ${notClosed}"}`], why: unreadable },
  {
    transcript: '15-functions',
    client: 'b',
    turn: 8,
    lines: [`{"message" : ${JSON.stringify(`ERROR: ${noValue}`)}}`],
    why: unreadable,
  },
  {
    transcript: '20-mixed',
    client: 'dup2',
    turn: 0,
    closed: true,
    why: 'after a refusal a client could go on under a name that is not its own',
  },
  {
    transcript: '21-malformed',
    client: 'a',
    turn: 11,
    lines: [],
    why: 'a line break in a name could reach clients over TCP as a line of its own',
  },
];
