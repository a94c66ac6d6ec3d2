export type { HttpRequest } from './request';
export { HttpError, type HttpResponse } from './response';
export { createRoutes, isClient, type Route } from './routes';
export type { SseFeed, SseSink } from './sse';
