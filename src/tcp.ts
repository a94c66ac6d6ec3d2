export { type TcpOptions, tcp } from './adapters/tcp';
