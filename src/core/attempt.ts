import { asError, type ErrorCode, OocsiError } from './errors';
import { masked } from './handle';
import type { Life, LifeEvent } from './lifecycle';
import type { SessionOptions } from './options';
import type { Speech, Wire } from './wire';

/** What an attempt tells the session. */
export interface Told {
  happen(event: LifeEvent): void;
  /** The link is the session's from the welcome on. */
  welcomed(link: Speech, wire: Wire): void;
  /** What the server says after the welcome. */
  frame(frame: string, link: Speech): void;
  /** The link is closed, whoever closed it. */
  gone(): void;
}

/**
 * Dials once and says hello.
 *
 * @returns ends the attempt, unless it was welcomed
 */
export function attempt(options: SessionOptions, { generation, handle }: Life, told: Told): () => void {
  const { clock, identity, timeout, dialects } = options;
  const abort = new AbortController();
  let address = 'The server';
  let wire = dialects.web;
  let link: Speech | undefined;
  let isWelcomed = false;
  const cancelTimer = clock.after(timeout, () => {
    unfit('timeout', `${link ? 'sent no welcome' : 'did not answer'} within ${timeout} ms`);
  });

  function lose(cause: OocsiError): void {
    told.happen({ type: 'lost', generation, cause, now: clock.now() });
  }

  function unfit(code: ErrorCode, what: string, cause?: unknown): void {
    lose(new OocsiError(code, `${address} ${what}. Is this the right port?`, { cause }));
  }

  function greet(frame: string, link: Speech): void {
    const said = `${wire.readGreeting(frame)}`;
    if (said.startsWith('welcome ')) {
      isWelcomed = true;
      cancelTimer();
      told.welcomed(link, wire);
      return told.happen({ type: 'welcomed', handle: said.slice(8), now: clock.now() });
    }
    if (!said.startsWith('ERROR: ')) return unfit('protocol', `answers ${JSON.stringify(masked(frame.slice(0, 60)))}`);
    const fault = identity.refused(said.slice(7), handle !== undefined);
    if (fault) lose(fault);
    else told.happen({ type: 'renamed' });
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
          if (!link) return;
          if (frame === 'ping') link.send(wire.command('.'));
          // What an older link says no longer counts.
          else if (isWelcomed) told.frame(frame, link);
          else if (!abort.signal.aborted) greet(frame, link);
        },
        close(cause) {
          told.gone();
          if (!isWelcomed) return unfit('protocol', 'sent no welcome', cause);
          lose(new OocsiError('disconnected', `Lost the connection to ${address}.`, { cause }));
        },
      },
      abort.signal,
    );
    if (abort.signal.aborted) return dialed.close();
    link = wire.open(dialed);
    link.send(wire.hello(claim));
  }

  open().catch((thrown) => lose(asError(thrown)));
  return () => {
    cancelTimer();
    abort.abort();
    link?.close();
  };
}
