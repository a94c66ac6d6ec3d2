// Functions come from outside, and run again for every message. An expression has no loops: it takes as many steps as
// it has parts, a window's counting as `widestWindow`.

/** All functions of one subscription, in characters. */
export const longestText = 4_000;
/** Values that a window remembers. An expression that asks for more gets this many, as at the reference server. */
export const widestWindow = 50;
// Each subscriber with functions makes a message of its own, where all others share one.
/** The longest data that functions look at, in characters. */
export const longestData = 2 ** 16;
/** The same, in keys. */
export const mostKeys = 1_000;
