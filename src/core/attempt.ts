import { asError, type ErrorCode, OocsiError } from './errors';
import { masked } from './handle';
import type { SessionOptions } from './options';
import type { Speech, Wire } from './wire';

/** What an attempt tells the session. */
export interface Told {
  /** Whether the session still wants to hear of it: what an older link says no longer counts. */
  isCurrent(): boolean;
  opened(link: Speech, wire: Wire): void;
  welcomed(handle: string): void;
  /** The handle is taken, and there is another one to try. */
  renamed(): void;
  /** What the server says after the welcome. */
  frame(frame: string): void;
  /** The attempt failed, or the connection that it made is lost. */
  lost(cause: OocsiError): void;
  /** The link is closed, whoever closed it. */
  gone(): void;
}

/**
 * Dials once and says hello.
 *
 * @param known whether the server has welcomed this client before
 * @returns ends the attempt; a link that was opened is the session's to close
 */
export function attempt(options: SessionOptions, known: boolean, told: Told): () => void {
  const { clock, identity, timeout, dialects } = options;
  const abort = new AbortController();
  let address = 'The server';
  let wire = dialects.web;
  let link: Speech | undefined;
  let isWelcomed = false;
  const cancelTimer = clock.after(timeout, () => {
    unfit('timeout', `${link ? 'sent no welcome' : 'did not answer'} within ${timeout} ms`);
  });

  function unfit(code: ErrorCode, what: string, cause?: unknown): void {
    told.lost(new OocsiError(code, `${address} ${what}. Is this the right port?`, { cause }));
  }

  function greet(frame: string): void {
    const said = `${wire.readGreeting(frame)}`;
    if (said.startsWith('welcome ')) {
      isWelcomed = true;
      cancelTimer();
      return told.welcomed(said.slice(8));
    }
    if (!said.startsWith('ERROR: ')) return unfit('protocol', `answers ${JSON.stringify(masked(frame.slice(0, 60)))}`);
    const fault = identity.refused(said.slice(7), known);
    if (fault) told.lost(fault);
    else told.renamed();
  }

  async function open(): Promise<void> {
    const adapter = await options.adapter();
    const dialect = dialects[adapter.dialect];
    if (!dialect) throw new OocsiError('unsupported', `No dialect ${adapter.dialect}`);
    wire = dialect;
    address = adapter.name;
    const claim = await identity.claim();
    abort.signal.throwIfAborted();
    const dialed = await adapter.dial(
      {
        frame(frame) {
          if (!told.isCurrent()) return;
          if (frame === 'ping') link?.send(wire.command('.'));
          if (isWelcomed) told.frame(frame);
          else if (frame !== 'ping') greet(frame);
        },
        close(cause) {
          told.gone();
          if (!isWelcomed) return unfit('protocol', 'closed without a welcome', cause);
          told.lost(new OocsiError('disconnected', `Lost the connection to ${address}.`, { cause }));
        },
      },
      abort.signal,
    );
    if (abort.signal.aborted) return dialed.close();
    link = wire.open(dialed);
    told.opened(link, wire);
    link.send(wire.hello(claim));
  }

  open().catch((thrown) => told.lost(asError(thrown)));
  return () => {
    cancelTimer();
    abort.abort();
  };
}
