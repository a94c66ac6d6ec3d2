import type { Posted } from '../../protocol/index';
import { OocsiError } from '../../protocol/index';
import type { ClientContext } from '../messaging/index';

/** A message that leaves again with each connection, for as long as it is not acknowledged. */
export interface Resent extends Posted {
  /** As it was handed over last. */
  posted?: Posted;
  /** Whether it left over the connection of now, and nothing tells that the server has dealt with it. */
  isUnderWay: boolean;
  /** How many connections in a row were cut while it was under way. */
  cuts: number;
  /** Gives it up. */
  reject(error: OocsiError): void;
}

/** From so many cuts in a row on, a message may be what costs the connection. */
const suspicious = 2;

/**
 * Finds the messages that a server cuts the connection for: they would be sent again with each connection, and cost it again,
 * and all others would wait for ever. What the server says is too long is given up at once. Where it says nothing, one that
 * was cut twice in a row while it was the only one under way is; when there were others, each suspect is sent alone.
 *
 * @param all in the order in which they leave
 * @param send hands one over
 * @param resume hands over all again
 * @returns whether suspects are tried now, so that nothing else may be handed over
 */
export function watchForPoison<R extends Resent>(
  { session, events }: ClientContext,
  all: () => R[],
  send: (one: R) => void,
  resume: () => void,
): () => boolean {
  let isTrying = false;

  function cleared(messages: readonly Resent[]): void {
    for (const one of messages) {
      one.isUnderWay = false;
      one.cuts = 0;
    }
  }

  function tryNext(): void {
    const suspect = all().find(({ cuts }) => cuts >= suspicious);
    isTrying = suspect !== undefined;
    if (suspect) send(suspect);
    else resume();
    const sent = all().filter(({ isUnderWay }) => isUnderWay);
    if (sent.length === 0) return;
    session.prove(() => {
      cleared(sent);
      if (suspect) tryNext();
    });
  }

  function refuseTooLong(longest: number, cause: OocsiError): void {
    for (const one of all()) {
      const size = session.tooLong(one.posted ?? one, longest);
      if (size === undefined) continue;
      const most = longest ? `takes ${longest} at most` : 'ended the connection';
      const text = `The message is too long for the server: it has ${size} characters or bytes with its recipient, and the server ${most}.`;
      one.reject(new OocsiError('refused', text, { cause, details: cause.details, permanent: true }));
    }
  }

  events.when('connected', tryNext);

  events.when('reconnecting', (cause) => {
    isTrying = false;
    const cut = all().filter(({ isUnderWay }) => isUnderWay);
    for (const one of cut) {
      one.isUnderWay = false;
      session.outbound.withdraw(one.posted);
    }
    const { longest, goodbye } = cause?.details ?? {};
    if (cause && longest !== undefined) return refuseTooLong(longest, cause);
    // Only who said no word may have meant one of these.
    if (!cause || goodbye !== false) return;
    for (const one of cut) one.cuts++;
    const [only, ...others] = cut;
    if (!only || others.length > 0 || only.cuts < suspicious) return;
    const text = `The connection was cut ${only.cuts} times in a row as soon as this message was sent: the server does not take it.`;
    only.reject(new OocsiError('refused', text, { cause, details: cause.details, permanent: true }));
  });

  return () => isTrying;
}
