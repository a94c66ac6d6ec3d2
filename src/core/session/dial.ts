import type { Link, Speech, Wire } from '../../protocol/index';
import {
  asError,
  closeText,
  devServerAdvice,
  type ErrorCode,
  type ErrorDetails,
  isDevServer,
  isGoodbye,
  isRefusing,
  masked,
  messageTooBig,
  OocsiError,
  readLongest,
  textOf,
} from '../../protocol/index';
import type { SessionOptions } from './session-options';
import type { LifeEvent } from './state-machine';

/** What an attempt tells the session. */
export interface Told {
  happen(event: LifeEvent): void;
  /** Before it happens, so that there is a link to begin with. */
  opened(link: Speech, wire: Wire): void;
  /** What the server says after the welcome. */
  heard(frame: string): void;
  /** The link is closed, whoever closed it. */
  gone(): void;
  /** The link threw as it was closed. */
  unclosed(thrown: unknown): void;
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
  let lastFrame = '';
  /** Whether the server may have let us in without our knowing. */
  let isUnanswered = false;
  const cancelTimer = clock.after(timeout, () => {
    unfit('timeout', `${link ? 'sent no welcome' : 'did not answer'} within ${timeout} ms`);
  });

  function lose(fault: OocsiError): void {
    if (signal.aborted) return;
    if (isUnanswered) identity.unanswered(clock.monotonic());
    told.happen({ what: 'lost', fault, moment: clock.now(), monotonic: clock.monotonic() });
  }

  function unfit(code: ErrorCode, what: string, cause?: unknown, details?: ErrorDetails): void {
    const advice = isDevServer(lastFrame) ? `This is ${devServerAdvice}` : 'Is this the right port?';
    lose(new OocsiError(code, `${address} ${what}. ${advice}`, { cause, details }));
  }

  function greet(frame: string): void {
    const said = wire.readGreeting(frame);
    if (said === undefined) return unfit('protocol', `answers ${JSON.stringify(masked(frame.slice(0, 60)))}`);
    isUnanswered = false;
    if (typeof said === 'object') {
      const fault = identity.refusal(said, isKnown, clock.monotonic());
      if (fault) lose(fault);
      else told.happen({ what: 'renamed' });
    } else if (link) {
      isWelcomed = true;
      cancelTimer();
      told.opened(link, wire);
      const [moment, monotonic] = [clock.now(), clock.monotonic()];
      told.happen({ what: 'welcomed', ownHandle: said, moment, monotonic });
    }
  }

  /** The server, or what is between, has ended a connection that was up; what it says last may tell why. */
  function ended(cause: unknown, details: ErrorDetails): void {
    const { closeCode, closeReason = '' } = details;
    const said = wire.readGreeting(lastFrame);
    const lastWords = typeof said === 'object' && readLongest(said.message) !== undefined ? said.message : '';
    const longest = readLongest(closeReason || lastWords) ?? (closeCode === messageTooBig ? 0 : undefined);
    const goodbye = isGoodbye(closeCode) || lastFrame === wire.bye;
    const text = `Lost the connection to ${address}${closeText(details, lastWords)}.`;
    const known = { ...details, goodbye, ...(longest !== undefined && { longest }) };
    lose(new OocsiError('disconnected', text, { cause, details: known }));
  }

  function closed(cause: unknown, details: ErrorDetails = {}): void {
    told.gone();
    if (isWelcomed) return ended(cause, details);
    const how = closeText(details);
    const { closeCode = 0 } = details;
    // A server that closes by a rule of its own has said no; anything else may be no OOCSI server.
    if (!isRefusing(closeCode)) {
      return unfit('protocol', `sent no welcome${how}`, cause, details);
    }
    lose(new OocsiError('refused', `${address} refused "${identity.wanted}"${how}.`, { cause, details }));
  }

  function broken(cause: unknown): void {
    lose(new OocsiError('disconnected', `The link to ${address} cannot send: ${textOf(cause)}`, { cause }));
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
          lastFrame = frame;
          // A refusal may come together with the link, before there is one here.
          if (frame === 'ping') link?.send(wire.command('.'));
          else if (isWelcomed) told.heard(frame);
          else greet(frame);
        },
        close: closed,
      },
      signal,
    );
    const guarded = guard(dialed, { send: broken, close: told.unclosed });
    if (signal.aborted) return guarded.close();
    link = wire.speak(guarded);
    isUnanswered = true;
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

/** Links do not throw, but that of an adapter from elsewhere may: then the client goes on, and is told what was thrown. */
function guard(link: Link, failed: Record<'send' | 'close', (thrown: unknown) => void>): Link {
  return {
    send(frame) {
      try {
        link.send(frame);
      } catch (thrown) {
        failed.send(thrown);
      }
    },
    close() {
      try {
        link.close();
      } catch (thrown) {
        failed.close(thrown);
      }
    },
    get buffered() {
      return link.buffered;
    },
  };
}
