/** Milliseconds by the one clock that all processes of a machine share. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** The next turn of the event loop: what was written in this one is on its way. */
export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long messages may take before they count as lost, in ms. */
export const patience = 30_000;
