import { messageOf, parse, type Wire } from '../dialect';
import { textOf } from '../errors';
import { createRefusal, refusalWith } from '../refusals';

const same = <T>(it: T): T => it;

/** OOCSI over WebSocket: a text frame each, data in an envelope of its own. */
export const web: Wire = {
  speak: same,
  hello: same,
  words: (recipient, json) => `sendjson ${recipient} ${json}`,
  command: same,
  sizeOf: (frame) => new TextEncoder().encode(frame).length,
  readGreeting(frame) {
    const { message, code } = parse(frame);
    const [, word, text = ''] = /^(welcome|ERROR:) (.*)$/s.exec(textOf(message)) ?? [];
    if (word === 'welcome') return text;
    if (!word) return undefined;
    // The web front of the Java server says no code, and knows this refusal only.
    const isTaken = code === undefined && /^client \S+ exists already$/.test(text);
    return isTaken ? createRefusal('taken', text) : refusalWith(code, text);
  },
  readMessage(frame) {
    const envelope = parse(frame);
    if (typeof envelope.message === 'string' && !('recipient' in envelope)) return new Error(envelope.message);
    return messageOf(envelope, envelope.data, frame);
  },
};
