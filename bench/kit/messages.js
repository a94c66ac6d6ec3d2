// What is sent. Each message has its number `n`, by which the receiving side checks that none is lost or out of order.

const filling = 'the lamp in the corner of the room follows the dial on the table, slowly, and then all at once. ';

/** @type {Record<string, (n: number) => Record<string, unknown>>} */
export const kinds = {
  /** About 70 bytes as JSON. */
  small: (n) => ({ n, color: n % 256, position: n / 1000, label: 'lamp in the corner' }),
  /** About 1,024 bytes as JSON. */
  kilobyte: (n) => ({ n, color: n % 256, position: n / 1000, label: filling.repeat(10) }),
  /** What a variable sends. */
  value: (n) => ({ n }),
};

/** When a server would have stamped message `n` if it had passed on 100,000 a second: ms since 1970. */
export const timeOf = (/** @type {number} */ n) => 1_800_000_000_000 + Math.floor(n / 100);

/** The name of channel number `index`. */
export const channelName = (/** @type {number} */ index) => `bench${index}`;

/**
 * Counts what comes in. Message `n` belongs to the stream `n % streams`; within a stream the numbers must follow each
 * other.
 */
export function createTally() {
  let next = /** @type {number[]} */ ([]);
  let streams = 1;
  let left = Number.POSITIVE_INFINITY;
  let wrong = 0;
  let done = () => {};
  return {
    /** @param {{ n: number }} data */
    take(data) {
      const { n } = data;
      const stream = n % streams;
      if (n !== next[stream]) wrong++;
      next[stream] = n + streams;
      if (--left <= 0) done();
    },
    /** Begins anew; `whenDone` is called with the last of `count` messages. */
    begin(/** @type {number} */ count, /** @type {number} */ ofStreams, /** @type {() => void} */ whenDone) {
      streams = ofStreams;
      next = Array.from({ length: streams }, (_, stream) => stream);
      left = count;
      wrong = 0;
      done = whenDone;
    },
    /** How many have not come, and how many came lost, twice or out of order. */
    get left() {
      return left;
    },
    get wrong() {
      return wrong;
    },
  };
}
