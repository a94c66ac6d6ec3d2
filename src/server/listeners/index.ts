export { isAddress, isLoopback } from './addresses';
export { ConnectionGate } from './connection-gate';
export { createWebListener } from './http-server';
export { createOriginPolicy } from './origin-policy';
export { createPageTokens } from './page-tokens';
export { createTcpListener } from './tcp';
export { type Identity, isNamed, readIdentity, type TlsOptions } from './tls';
export { webSocketPath } from './websocket';
