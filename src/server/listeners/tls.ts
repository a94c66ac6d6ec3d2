import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { createSecureContext, createServer } from 'node:tls';
import { textOf } from '../../protocol/index';
import { checkOptions } from '../../util/index';
import type { ConnectionGate } from './connection-gate';

/** What a server shows to prove its identity: in PEM, as texts or as the bytes of the files. */
export interface TlsOptions {
  /** The private key. */
  readonly key: string | Uint8Array;
  /** The certificate, followed by those between it and one that clients trust, if there are any. */
  readonly cert: string | Uint8Array;
}

/** A key and certificate that belong together. */
export interface Identity {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

/** @throws TypeError when that is no key and certificate, or they do not belong together */
export function readIdentity(tls: TlsOptions): Identity {
  checkOptions(tls, ['key', 'cert'], 'tls');
  const { key, cert } = tls;
  const identity = { key: pem('key', key), cert: pem('cert', cert) };
  try {
    createSecureContext(identity);
  } catch (cause) {
    throw new TypeError(`tls must be a key and its certificate in PEM (${textOf(cause)})`, { cause });
  }
  return identity;
}

/** Whether a certificate is for this address. */
export function isNamed({ cert }: Identity, address: string): boolean {
  return isIP(address) > 0 && new X509Certificate(cert).checkIP(address) !== undefined;
}

function pem(name: string, value: unknown): string | Buffer {
  if (typeof value === 'string' && value !== '') return value;
  if (value instanceof Uint8Array && value.length > 0) return Buffer.from(value);
  throw new TypeError(`tls.${name} must be what a PEM file holds, as text or bytes`);
}

/** Puts TLS between sockets and the function that serves them; both sides have `time` ms to agree on a key. */
export function secured(
  identity: Identity,
  gate: ConnectionGate,
  time: number,
  serve: (socket: Socket) => void,
): (socket: Socket) => void {
  const server = createServer(identity, (socket) => {
    gate.clearDeadline(socket);
    serve(socket);
  });
  // When they cannot agree, the end of the socket tells enough.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return (socket) => {
    gate.setDeadline(socket, time);
    server.emit('connection', socket);
  };
}
