import { OocsiError, textOf } from '../protocol/index';

/** What Node's error codes mean to somebody who wants to connect. */
const reasons = new Map([
  ['ECONNREFUSED', 'nothing answers there. Is the server running, and is the port right?'],
  ['ENOTFOUND', 'there is no host of that name. Check its spelling and the network.'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now. Check the network.'],
  ['ETIMEDOUT', 'the host does not answer. Check the address, and whether a firewall is in between.'],
  ['EHOSTUNREACH', 'there is no way to that host. Check the network.'],
  ['ENETUNREACH', 'there is no way to that network. Check the network.'],
  ['EPROTO', 'it does not speak TLS there. Use tcp:// or ws://, or the port for TLS.'],
  ['ECONNRESET', 'the connection was cut at once. Is it the right port, and with or without TLS?'],
]);

export function whyUnreachable(address: string, cause: unknown): OocsiError {
  const said = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const code = said.startsWith('ERR_SSL_') ? 'EPROTO' : said;
  return new OocsiError('unreachable', `Cannot reach ${address}: ${reasons.get(code) ?? `${textOf(cause)}.`}`, {
    cause,
  });
}
