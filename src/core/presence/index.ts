export { list } from './listings';
export { createPresence, type Presence, type PresenceEvent } from './presence';
