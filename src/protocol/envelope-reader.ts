import { messageOf, parse } from './dialect';
import type { Data, Incoming } from './message';

// Messages that come together have the same envelope, to the millisecond, when they come from one sender on one channel.
// So the envelope is kept with its text, and of the next message only the data is left to read.

/** Reads a message, or says what is wrong with it. */
export type Read = (frame: string) => Incoming | Error | undefined;

/** Frames that are read in parts, in characters. */
const longest = 2_000;

type MutableData = { [key: string]: unknown };

/** JSON that may be broken; then it is so as a whole frame, too, and told there. */
function parseData(text: string): MutableData | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const space = 0x20;
const brace = 0x7b;

/** Whether a value of JSON can end like this. */
const isPartOfValue = (code: number): boolean => code > space && code !== brace;

/** Reads messages whose envelope lies in one object with their data: behind it, as servers write them. */
export function createFlatReader(): Read {
  let tail = '';
  let envelope: Data = {};

  /** The data alone; nothing where the frame is not data and then an envelope, each of its own. */
  function cut(frame: string): MutableData | undefined {
    if (!tail || !frame.endsWith(tail)) {
      tail = frame.slice(frame.lastIndexOf(',"recipient":"'));
      envelope = parse(`{${tail.slice(1)}`);
      // With fewer keys or more it is none, or something else stands behind it.
      if (Object.keys(envelope).length !== 3) {
        tail = '';
        return undefined;
      }
    }
    // A comma with nothing in front of it would be whole without what it begins.
    if (!isPartOfValue(frame.charCodeAt(frame.length - tail.length - 1))) return undefined;
    const data = parseData(`${frame.slice(0, -tail.length)}}`);
    return data && ('recipient' in data || 'timestamp' in data || 'sender' in data) ? undefined : data;
  }

  return (frame) => {
    // A long one may nest too deeply, which is looked at when it is read as a whole.
    const data = frame.length > longest ? undefined : cut(frame);
    if (data) return messageOf(envelope, data, frame);
    const { recipient, timestamp, sender, ...rest } = parse(frame);
    return messageOf({ recipient, timestamp, sender }, rest, frame);
  };
}

/** Reads messages whose data has an envelope around it: it ends with the data, as servers write them. */
export function createNestedReader(): Read {
  const seam = ',"data":';
  let head = '';
  let envelope: Data = {};

  /** The data alone; nothing where something else stands behind it, or the seam was that of something within. */
  function cut(frame: string): MutableData | undefined {
    // Node takes much longer to answer `startsWith`.
    if (!head || frame.slice(0, head.length) !== head) {
      head = frame.slice(0, frame.indexOf(seam) + seam.length);
      envelope = parse(`${head}0}`);
    }
    return frame.endsWith('}') ? parseData(frame.slice(head.length, -1)) : undefined;
  }

  return (frame) => {
    // A long one may nest too deeply, which is looked at when it is read as a whole.
    const data = frame.length > longest ? undefined : cut(frame);
    if (data) return messageOf(envelope, data, frame);
    const whole = parse(frame);
    return messageOf(whole, whole['data'], frame);
  };
}
