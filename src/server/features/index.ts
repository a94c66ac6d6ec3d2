export { createJournal, type Journal } from './event-log';
export { createPresence, type Presence, type Watched } from './presence';
export { createRetained, type Retained } from './retained';
export { createDelayed, type Delayed } from './scheduler';
export { createReports, type Ledger, type Reports } from './system-channels';
export { readTiming, type Timing } from './timing';
