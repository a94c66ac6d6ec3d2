import type { IncomingHttpHeaders } from 'node:http';
import { isAddress, isLoopback } from './addresses';

/** What a request says about where it comes from. */
export interface Visit {
  readonly headers: IncomingHttpHeaders;
}

/** Tells pages that may use this server from those that may not: any page of the web can ask a browser to come here. */
export interface Gatekeeper {
  /** Why a request is turned away; undefined when it is welcome. `changes` is for one that does something. */
  refuses(visit: Visit, changes?: boolean): string | undefined;
  /** The same for what pages of all origins may load: it only has to be meant for this server. */
  refusesHost(visit: Visit): string | undefined;
  /** What lets a page of another origin read the answer to a request that was not refused. */
  sharing(visit: Visit): Readonly<Record<string, string>>;
}

/** Who may come. */
export interface GuestList {
  /** Origins as browsers write them, such as `https://example.org`, or `null`. */
  readonly allowOrigin: readonly string[];
  /** Names of this machine, without ports. */
  readonly hostNames: readonly string[];
}

const origin = /^(null|[a-z][a-z\d+.-]*:\/\/[^\s/]+)$/i;

/** @throws TypeError when an entry is no origin, or no name of a host */
export function createGatekeeper({ allowOrigin, hostNames }: GuestList): Gatekeeper {
  for (const entry of allowOrigin) {
    if (!origin.test(entry)) throw new TypeError(`allowOrigin cannot be "${entry}": use https://example.org or null`);
  }
  for (const entry of hostNames) {
    if (hostOf(entry) !== entry.toLowerCase()) throw new TypeError(`hostNames cannot be "${entry}": use example.org`);
  }
  const origins = new Set(allowOrigin.map((entry) => entry.toLowerCase()));
  const names = new Set(hostNames.map((entry) => entry.toLowerCase()));

  function refusesHost({ headers }: Visit): string | undefined {
    const name = hostOf(headers.host ?? '');
    // A name that leads here without our knowledge lets its owner's pages in as if they were ours.
    if (name && (isAddress(name) || isLoopback(name) || names.has(name))) return undefined;
    return `host ${shown(headers.host)} not known; add its name to the server's option hostNames`;
  }

  function refusesOrigin({ headers }: Visit): string | undefined {
    if (headers.origin === undefined) return undefined;
    const from = headers.origin.toLowerCase();
    if (origins.has(from) || isSameHost(from, hostOf(headers.host ?? ''))) return undefined;
    const advice =
      from === 'null' ? "serve the page, or set allowOrigin: ['null']" : "add it to the server's option allowOrigin";
    return `origin ${shown(headers.origin)} not allowed; ${advice}`;
  }

  return {
    refusesHost,
    refuses(visit, changes = false) {
      const reason = refusesHost(visit) ?? refusesOrigin(visit);
      if (reason || !changes) return reason;
      const { origin, 'sec-fetch-site': site } = visit.headers;
      // Images and links of other sites come without their origin.
      return origin === undefined && site === 'cross-site' ? 'another site may not do that' : undefined;
    },
    sharing({ headers: { origin } }): Record<string, string> {
      return origin === undefined ? {} : { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
    },
  };
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
