/** The longest frame that a client may send unless the limits say otherwise, in characters. */
export const longestFrame = 2 ** 20;
/** How often the server looks for silent clients, and how long a silence it lets pass without a ping, in ms. */
export const pingEvery = 5_000;
/** How often watchers are told which clients are there, in ms. */
export const refreshEvery = 5_000;
/** How often system channels report, and delayed messages are looked at, in ms. */
export const tickEvery = 1_000;
/** For so long after a start, messages that fell due while the server was away wait for their recipients, in ms. */
export const comeBackWithin = 60_000;
/** The longest time that a channel keeps a message, in ms: two days. */
export const keptAtMost = 2 * 24 * 60 * 60 * 1_000;
/** A client that gave a sign of life within this time is there, in ms. */
export const aliveFor = 10_000;
/** How long a client that is asked for a sign of life has for it, in ms. */
export const answerWithin = 2_000;
