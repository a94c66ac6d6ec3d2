export { EventLog } from './event-log';
export { createOpenCalls, type OpenCalls } from './open-calls';
export { Presence, type Watched } from './presence';
export { RetainedMessages } from './retained';
export { MessageScheduler } from './scheduler';
export { type ServerListing, SystemChannels } from './system-channels';
export { readTiming, type Timing } from './timing';
