import { randomBytes } from 'node:crypto';
import type { Clock } from '../../util/index';

/**
 * Tokens for pages that clients of this server answered with. Such a page runs in a sandbox, where its origin is `null`, as
 * that of any sandboxed frame of any site: the token that was put into it tells it from those.
 */
export interface PageTokens {
  /** A token for one page that is about to be handed out. */
  issue(): string;
  /** Whether a page that was handed out has this token; from then on, it may come back with it. */
  admits(token: string): boolean;
}

/** How long a page may take to connect for the first time, in ms. */
const firstUseWithin = 10 * 60_000;
/** How long it may be away before it comes back, in ms. */
const comesBackWithin = 24 * 60 * 60_000;
/** As many are remembered; then the one that was not used for the longest time is forgotten. */
const atMost = 10_000;

export function createPageTokens(clock: Pick<Clock, 'monotonic'>): PageTokens {
  /** Until when each is good; the one that was touched last is the last. */
  const goodUntil = new Map<string, number>();

  function keep(token: string, ms: number): void {
    goodUntil.delete(token);
    goodUntil.set(token, clock.monotonic() + ms);
    const [oldest] = goodUntil.keys();
    if (oldest !== undefined && goodUntil.size > atMost) goodUntil.delete(oldest);
  }

  return {
    issue() {
      const token = randomBytes(18).toString('base64url');
      keep(token, firstUseWithin);
      return token;
    },
    admits(token) {
      const until = goodUntil.get(token);
      if (until === undefined) return false;
      if (until < clock.monotonic()) return !goodUntil.delete(token);
      keep(token, comesBackWithin);
      return true;
    },
  };
}

/** What stands before the first tag of a page that is not its doctype: it must stay where it is. */
const beforePage = /^\s*(?:<!--[\s\S]*?-->\s*)*(?:<!doctype[^>]*>)?/i;

/** Puts a token into a page, where the client finds it. */
export function withToken(page: string, token: string): string {
  const [start = ''] = beforePage.exec(page) ?? [];
  return `${start}<meta name="oocsi-token" content="${token}">${page.slice(start.length)}`;
}
