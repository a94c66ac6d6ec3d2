import type { Recorded } from './replay';

/** Where our server answers differently from the reference server, on purpose. */
export interface Departure {
  readonly transcript: string;
  readonly client: string;
  /** Which of the client's receives, from 0. */
  readonly turn: number;
  /** What the client gets instead. */
  readonly lines?: readonly Recorded[];
  /** The connection is closed, from then on. */
  readonly closed?: true;
  readonly why: string;
}

const badHandle = 'error (handle not accepted: use 1 to 194 ASCII characters without white space or commas)';
const refusedIsClosed = 'after a refusal a client could go on under a name that is not its own';
const hangs = 'a handle that cannot be had is refused, where the reference server says nothing';
const reserved = 'nobody but the server speaks under its own names';
const unsubscribed = 'unsubscribe presence(NAME) ends the watching';
const alone = 'a replay has a server of its own, without what earlier conversations left behind';
const secondSubscriber = 'every subscriber with the right password gets the messages, not only the first one';

export const notClosed = 'functions not closed: use NAME[filter(EXPRESSION)]';
export const noValue = '"v>" cannot be read at character 3: a value is missing at the end';
export const unreadable = 'who subscribes with functions that cannot work is told so';

function secret(n: number): Recorded {
  return { n, recipient: 'p_secret:pw', timestamp: '<timestamp>', sender: 'p_carol' };
}

const byServer = { timestamp: '<timestamp>', sender: 'SERVER' };
const listed = { channels: 'z_alice, OOCSI_channels', recipient: 'OOCSI_channels', ...byServer };
const figures = {
  clients: 2,
  channels: 4,
  messages: 0,
  uptime: '<uptime>',
  messagesTotal: 0,
  recipient: 'OOCSI_metrics',
  ...byServer,
};

export const departures: readonly Departure[] = [
  { transcript: '01-handshake', client: 'dup', turn: 0, closed: true, why: refusedIsClosed },
  {
    transcript: '01-handshake',
    client: 'legacy',
    turn: 0,
    lines: ['error (this server speaks JSON only: say NAME(JSON))'],
    closed: true,
    why: 'legacy clients expect data as Java objects',
  },
  ...['space', 'nonascii', 'long', 'empty'].map(
    (client): Departure => ({
      transcript: '01-handshake',
      client,
      turn: 0,
      lines: [badHandle],
      closed: true,
      why: hangs,
    }),
  ),
  {
    transcript: '04-data',
    client: 'b',
    turn: 1,
    lines: [
      {
        ...{
          long: 9007199254740992,
          zero: 0,
          neg: -1,
          huge: 'Infinity',
          exp: 1000,
          d: 1.5,
          f: false,
          one: 1,
          i: 1,
          t: true,
        },
        ...{ tiny: 1e-7, maxlong: 2 ** 63, toolong: 2 ** 63 },
        ...{ recipient: 't_bob', timestamp: '<timestamp>', sender: 't_alice' },
      },
    ],
    why: 'a whole number that needs more than 64 bits is carried, and not lost in silence',
  },
  { transcript: '06-passwords', client: 'b', turn: 3, lines: [secret(4)], why: secondSubscriber },
  { transcript: '06-passwords', client: 'b', turn: 4, lines: [secret(5)], why: secondSubscriber },
  { transcript: '10-presence', client: 'w', turn: 6, lines: [], why: unsubscribed },
  { transcript: '12-functions', client: 'b', turn: 5, lines: [`error (${notClosed})`], why: unreadable },
  { transcript: '12-functions', client: 'b', turn: 6, lines: [`error (${noValue})`], why: unreadable },
  { transcript: '13-system-channels', client: 'a', turn: 3, lines: [listed, listed], why: alone },
  { transcript: '13-system-channels', client: 'a', turn: 7, lines: [figures, figures], why: alone },
  { transcript: '14-names', client: 'b', turn: 0, closed: true, why: refusedIsClosed },
  {
    transcript: '14-names',
    client: 'e',
    turn: 0,
    lines: ['error (name reserved for the server: OOCSI_events)'],
    closed: true,
    why: reserved,
  },
  {
    transcript: '14-names',
    client: 'f',
    turn: 0,
    lines: ['error (name reserved for the server: SERVER)'],
    closed: true,
    why: reserved,
  },
];
