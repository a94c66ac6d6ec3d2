export type { Asked } from './request';
export { type Answer, Refusal } from './response';
export { createRoutes, isClient, type Route } from './routes';
export type { Feed, Sink } from './sse';
