export { checkTexts, readLimits, type ServerLimits } from './limits';
export { type Counts, createCounts, type ServerStats } from './stats';
export { aliveFor, answerWithin, comeBackWithin, keptAtMost, pingEvery, refreshEvery, tickEvery } from './timings';
