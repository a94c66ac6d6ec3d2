export type { Client } from './api';
export type { Channel } from './channel';
export { openClient } from './client';
export { type ClientOptions, clientOptions } from './options';
