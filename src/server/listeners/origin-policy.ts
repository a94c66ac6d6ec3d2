import type { IncomingHttpHeaders } from 'node:http';
import { isSecret } from '../../protocol/index';
import { isAddress, isLoopback } from './addresses';

/** What a request says about where it comes from. */
export interface RequestHead {
  readonly headers: IncomingHttpHeaders;
  readonly url?: string | undefined;
}

/** Tells pages that may use this server from those that may not: any page of the web can ask a browser to come here. */
export interface OriginPolicy {
  /** Why a request is turned away; undefined when it is welcome. */
  refuses(request: RequestHead): string | undefined;
  /** The same for a WebSocket, which a page without an origin may open by a token: `/ws?token=TOKEN`. */
  refusesSocket(request: RequestHead): string | undefined;
  /**
   * Why a request that was not refused must not do anything: a browser sends it, and another site may have made it do so. An
   * image, a frame or a link needs no more than an address.
   */
  doubts(request: RequestHead): string | undefined;
  /** The same for what pages of all origins may load: it only has to be meant for this server. */
  refusesHost(request: RequestHead): string | undefined;
  /** What lets a page of another origin read the answer to a request that was not refused. */
  sharing(request: RequestHead): Readonly<Record<string, string>>;
}

/** Which pages may use the server. */
export interface OriginPolicyOptions {
  /** Origins as browsers write them, such as `https://example.org`, or `null`. */
  readonly allowOrigin: readonly string[];
  /** Names of this machine, without ports. */
  readonly hostNames: readonly string[];
  /** Lets in pages without an origin that know it. */
  readonly fileToken?: string | undefined;
  /** Whether a page that this server handed out has this token. */
  admits?(token: string): boolean;
}

/** Long enough that nobody guesses it, and such that it can stand in an address as it is. */
const wellMadeToken = /^[\w.~-]{16,128}$/;

const origin = /^(null|[a-z][a-z\d+.-]*:\/\/[^\s/]+)$/i;

/** @throws TypeError when an entry is no origin, or no name of a host, or the token can be none */
export function createOriginPolicy(options: OriginPolicyOptions): OriginPolicy {
  const { allowOrigin, hostNames, fileToken, admits = () => false } = options;
  for (const entry of allowOrigin) {
    if (!origin.test(entry)) throw new TypeError(`allowOrigin cannot be "${entry}": use https://example.org or null`);
  }
  for (const entry of hostNames) {
    if (hostOf(entry) !== entry.toLowerCase()) throw new TypeError(`hostNames cannot be "${entry}": use example.org`);
  }
  if (fileToken !== undefined && !(typeof fileToken === 'string' && wellMadeToken.test(fileToken))) {
    throw new TypeError('fileToken must have 16 to 128 letters, digits, "_", "-", "." or "~"');
  }
  const origins = new Set(allowOrigin.map((entry) => entry.toLowerCase()));
  const names = new Set(hostNames.map((entry) => entry.toLowerCase()));

  function refusesHost({ headers }: RequestHead): string | undefined {
    const name = hostOf(headers.host ?? '');
    // A name that leads here without our knowledge lets its owner's pages in as if they were ours.
    if (name && (isAddress(name) || isLoopback(name) || names.has(name))) return undefined;
    return `host ${shown(headers.host)} not known; add its name to the server's option hostNames`;
  }

  const isWelcome = (origin: string, host: string | undefined): boolean =>
    origins.has(origin.toLowerCase()) || isSameHost(origin.toLowerCase(), hostOf(host ?? ''));

  function refusesOrigin({ headers: { origin, host } }: RequestHead): string | undefined {
    if (origin === undefined || isWelcome(origin, host)) return undefined;
    const isNameless = origin.toLowerCase() === 'null';
    const advice = isNameless
      ? "serve the page, or connect with the token of the server's option fileToken: /ws?token=…"
      : "add it to the server's option allowOrigin";
    return `origin ${shown(origin)} not allowed; ${advice}`;
  }

  return {
    refusesHost,
    refuses: (request) => refusesHost(request) ?? refusesOrigin(request),
    refusesSocket(request) {
      const unknownHost = refusesHost(request);
      if (unknownHost !== undefined) return unknownHost;
      const reason = refusesOrigin(request);
      const token = request.headers.origin === 'null' ? tokenIn(request.url) : undefined;
      if (reason === undefined || token === undefined) return reason;
      if ((fileToken !== undefined && isSecret(fileToken, token)) || admits(token)) return undefined;
      return 'the token is not valid any more; load the page again, or take the address that the server shows now';
    },
    doubts({ headers }) {
      if (isInAdvance(headers))
        return 'a browser loads this in advance, and nobody has asked for it: open it by a click';
      const { origin, host, referer, 'sec-fetch-site': site } = headers;
      // It was not refused, so it is known.
      if (origin !== undefined || site === 'same-origin' || site === 'none') return undefined;
      if (site === 'cross-site') return 'another site may not do that';
      const isKnown = referer !== undefined && isWelcome(originOf(referer), host);
      // It is of the same domain, which may have many owners, or of another port of this host.
      if (site !== undefined) return isKnown ? undefined : 'another site may not do that';
      if (!isBrowser(headers) || isKnown) return undefined;
      return 'this browser does not say which site wants that; use POST or the client, or localhost or https';
    },
    sharing({ headers: { origin } }): Record<string, string> {
      return origin === undefined ? {} : { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
    },
  };
}

/** Whether a browser guesses that somebody will want this: any page can make it load an address in advance, as if typed. */
export function isInAdvance(headers: IncomingHttpHeaders): boolean {
  return ['sec-purpose', 'purpose', 'x-moz'].some((name) => headers[name] !== undefined);
}

/** All browsers say both with each request, whatever page makes them send it; programs rarely do. */
function isBrowser({ 'user-agent': agent = '', 'accept-language': language }: IncomingHttpHeaders): boolean {
  return language !== undefined && agent.startsWith('Mozilla/5.');
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

function tokenIn(url = ''): string | undefined {
  return URL.canParse(url, 'http://server')
    ? (new URL(url, 'http://server').searchParams.get('token') ?? undefined)
    : undefined;
}

/** Pages of this host, on whatever port; all names of this machine for itself are one. */
function isSameHost(from: string, host: string | undefined): boolean {
  const its = /^https?:\/\//.test(from) ? hostOf(from.replace(/^https?:\/\//, '')) : undefined;
  if (its === undefined || host === undefined) return false;
  return its === host || (isLoopback(its) && isLoopback(host));
}

/** The name of a host without its port, as a browser would use it; undefined when it is none. */
function hostOf(text: string): string | undefined {
  if (text === '' || /[\s/\\@?#]/.test(text) || !URL.canParse(`http://${text}`)) return undefined;
  return new URL(`http://${text}`).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function shown(text = 'without a name'): string {
  return text.slice(0, 200);
}
