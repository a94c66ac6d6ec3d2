import { channelName, kinds, timeOf } from '../kit/messages.js';

const newline = 0x0a;

/** What the bare other side knows of OOCSI over TCP. */
export const lines = {
  welcome: Buffer.from(`{'message' : "welcome bench"}\n`),
  sign: Buffer.from('{"recipient":"far","timestamp":1,"sender":"far"}\n'),

  /** Counts the lines in a piece. */
  counter: () => (/** @type {Buffer} */ piece) => {
    let count = 0;
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) count++;
    return count;
  },

  /** The numbers of the messages that these bytes hold. */
  numbers: (/** @type {Buffer} */ bytes) =>
    String(bytes)
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))).n),

  /** @type {(count: number, kind: string, channels: number) => Buffer} */
  messages(count, kind, channels) {
    const one = (/** @type {number} */ n) => {
      const recipient = channelName(n % channels);
      return `${JSON.stringify({ ...kinds[kind](n), recipient, timestamp: timeOf(n), sender: 'far' })}\n`;
    };
    return Buffer.from(Array.from({ length: count }, (_, n) => one(n)).join(''));
  },
};
