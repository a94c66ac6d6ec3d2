export { createEventLog, type EventLog } from './event-log';
export { createOpenCalls, type OpenCalls } from './open-calls';
export { createPresence, type Presence, type Watched } from './presence';
export { createRetainedMessages, type RetainedMessages } from './retained';
export { createMessageScheduler, type MessageScheduler } from './scheduler';
export { createSystemChannels, type ServerListing, type SystemChannels } from './system-channels';
export { readTiming, type Timing } from './timing';
