export { memory } from './memory';
export type { Pem, WebSocketOptions } from './websocket-options';
