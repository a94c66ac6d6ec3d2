import { OocsiError, textOf } from '../protocol/index';

const trustAdvice =
  'If it is the right one, hand it in: tcp({ tls: { ca } }) or webSocket(url, { ca }), with what its PEM file holds.';

/** What Node's error codes mean to somebody who wants to connect. */
const reasons = new Map([
  ['ECONNREFUSED', 'nothing answers there. Is the server running, and is the port right?'],
  ['ENOTFOUND', 'there is no host of that name. Check its spelling and the network.'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now. Check the network.'],
  ['ETIMEDOUT', 'the host does not answer. Check the address, and whether a firewall is in between.'],
  ['EHOSTUNREACH', 'there is no way to that host. Check the network.'],
  ['ENETUNREACH', 'there is no way to that network. Check the network.'],
  ['EPROTO', 'it does not speak TLS there. Use tcp:// or ws://, or the port for TLS.'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', `it shows a self-signed certificate. ${trustAdvice}`],
  ['SELF_SIGNED_CERT_IN_CHAIN', `its certificate is signed by somebody whom Node does not know. ${trustAdvice}`],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', `its certificate is signed by somebody whom Node does not know. ${trustAdvice}`],
  [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    `its certificate is signed by somebody whom Node does not know. ${trustAdvice}`,
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'its certificate is for another name. Use the name that stands in it, or `servername`.',
  ],
  ['CERT_HAS_EXPIRED', 'its certificate is too old. The server needs a new one.'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet. Are the clocks right?'],
  ['ECONNRESET', 'the connection was cut at once. Is it the right port, and with or without TLS?'],
]);

/** Node's code of an error; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function whyUnreachable(address: string, cause: unknown): OocsiError {
  const said = codeOf(cause);
  const code = said.startsWith('ERR_SSL_') ? 'EPROTO' : said;
  return new OocsiError('unreachable', `Cannot reach ${address}: ${reasons.get(code) ?? `${textOf(cause)}.`}`, {
    cause,
  });
}
