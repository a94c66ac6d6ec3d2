import { messageOf, parse, type Wire } from './wire';

const same = <T>(it: T): T => it;

/** OOCSI over WebSocket: a text frame each, data in an envelope of its own. */
export const web: Wire = {
  speak: same,
  hello: same,
  words: (recipient, json) => `sendjson ${recipient} ${json}`,
  command: same,
  readGreeting: (frame) => parse(frame).message,
  readMessage(frame) {
    const envelope = parse(frame);
    return messageOf(envelope, envelope.data, frame);
  },
};
