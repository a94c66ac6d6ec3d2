import { asError, type ErrorCode, OocsiError, textOf } from './errors';
import { masked } from './handle';
import type { LifeEvent } from './lifecycle';
import type { SessionOptions } from './options';
import type { Speech, Wire } from './wire';

/** What an attempt tells the session. */
export interface Told {
  happen(event: LifeEvent): void;
  /** Before it happens, so that there is a link to begin with. */
  opened(link: Speech, wire: Wire): void;
  /** What the server says after the welcome. */
  heard(frame: string): void;
  /** The link is closed, whoever closed it. */
  gone(): void;
}

/**
 * Dials once, says hello, and looks after the link for as long as there is one.
 *
 * @param isKnown whether a server has welcomed this client before
 * @returns ends it, and the link: whatever that says later no longer counts
 */
export function attempt(options: SessionOptions, isKnown: boolean, told: Told): () => void {
  const { clock, identity, timeout, dialects } = options;
  const abort = new AbortController();
  const { signal } = abort;
  let address = 'The server';
  let wire: Wire;
  let link: Speech | undefined;
  let isWelcomed = false;
  const cancelTimer = clock.after(timeout, () => {
    unfit('timeout', `${link ? 'sent no welcome' : 'did not answer'} within ${timeout} ms`);
  });

  function lose(fault: OocsiError): void {
    if (!signal.aborted) told.happen({ what: 'lost', fault, moment: clock.now(), monotonic: clock.monotonic() });
  }

  function unfit(code: ErrorCode, what: string, cause?: unknown): void {
    lose(new OocsiError(code, `${address} ${what}. Is this the right port?`, { cause }));
  }

  function greet(frame: string): void {
    const said = textOf(wire.readGreeting(frame));
    if (link && said.startsWith('welcome ')) {
      isWelcomed = true;
      cancelTimer();
      told.opened(link, wire);
      const [moment, monotonic] = [clock.now(), clock.monotonic()];
      return told.happen({ what: 'welcomed', ownHandle: said.slice(8), moment, monotonic });
    }
    if (!said.startsWith('ERROR: ')) return unfit('protocol', `answers ${JSON.stringify(masked(frame.slice(0, 60)))}`);
    const fault = identity.refusal(said.slice(7), isKnown);
    if (fault) lose(fault);
    else told.happen({ what: 'renamed' });
  }

  async function open(): Promise<void> {
    const adapter = await options.adapter();
    const dialect = dialects[adapter.dialect];
    if (!dialect) throw new OocsiError('unsupported', `No dialect ${adapter.dialect}`);
    wire = dialect;
    address = adapter.name;
    const claim = await identity.claim();
    signal.throwIfAborted();
    const dialed = await adapter.dial(
      {
        frame(frame) {
          if (signal.aborted) return;
          // A refusal may come together with the link, before there is one here.
          if (frame === 'ping') link?.send(wire.command('.'));
          else if (isWelcomed) told.heard(frame);
          else greet(frame);
        },
        close(cause) {
          told.gone();
          if (!isWelcomed) return unfit('protocol', 'sent no welcome', cause);
          lose(new OocsiError('disconnected', `Lost the connection to ${address}.`, { cause }));
        },
      },
      signal,
    );
    if (signal.aborted) return dialed.close();
    link = wire.speak(dialed);
    link.send(wire.hello(claim));
  }

  open().catch((thrown) => lose(asError(thrown)));
  return () => {
    cancelTimer();
    abort.abort();
    link?.close();
    link = undefined;
  };
}
