/** Certificates and keys in PEM, as texts or as the bytes of the files. */
export type Pem = string | Uint8Array;

/** What a WebSocket of Node can be given besides its address; a page cannot say any of it. */
export interface WebSocketOptions {
  /** Certificates to trust, such as that of a server that signed its own. @default those that Node trusts */
  readonly ca?: Pem | readonly Pem[] | undefined;
  /** The certificate of this client, where the server asks for one. */
  readonly cert?: Pem | undefined;
  /** The private key of {@link cert}. */
  readonly key?: Pem | undefined;
  readonly passphrase?: string | undefined;
  /** The name that the certificate of the server must have. @default the host of the address */
  readonly servername?: string | undefined;
  /** `false` takes any certificate, also that of somebody in between: for tests alone. @default true */
  readonly rejectUnauthorized?: boolean | undefined;
  /** Headers of the request, such as those that a proxy asks for. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The header `Origin`. @default none */
  readonly origin?: string | undefined;
  /** An `Agent` of node:http or node:https, such as one that goes through a proxy. */
  readonly agent?: object | undefined;
}

/** The names of all of them. */
export const webSocketOptions: readonly (keyof WebSocketOptions)[] = [
  'ca',
  'cert',
  'key',
  'passphrase',
  'servername',
  'rejectUnauthorized',
  'headers',
  'origin',
  'agent',
];
