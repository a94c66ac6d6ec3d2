export { tcp } from '#platform';
export type { TcpOptions } from './adapters/tcp';
