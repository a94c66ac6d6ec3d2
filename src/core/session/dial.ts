import type { Adapter, Link, LinkEvents, Speech, Wire } from '../../protocol/index';
import {
  asError,
  closeText,
  devServerAdvice,
  type ErrorCode,
  type ErrorDetails,
  isDevServer,
  isGoodbye,
  isNear,
  isRefusing,
  masked,
  messageTooBig,
  OocsiError,
  readLongest,
  textOf,
} from '../../protocol/index';
import type { SessionOptions } from './session-options';
import type { SessionEvent } from './state-machine';

/**
 * A link to a server nearby is open by then, in ms, or what asked for it was lost on its way. TCP asks again after 1, 3 and 7 s:
 * to dial anew is sooner than the last of these.
 */
const openTimeNear = 3_500;

/** What an attempt tells the session. */
export interface AttemptOwner {
  handle(event: SessionEvent): void;
  /** The server has welcomed the client; told before the session handles it, so that there is a link to begin with. */
  opened(link: Speech, wire: Wire): void;
  /** What the server says after the welcome. */
  heard(frame: string): void;
  /** The link is closed, whoever closed it. */
  gone(): void;
  /** The link threw as it was closed. */
  closeFailed(thrown: unknown): void;
}

/** Dials once, says hello, and looks after the link for as long as there is one. */
export class Attempt {
  readonly #options: SessionOptions;
  /** Whether a server has welcomed this client before. */
  readonly #isKnown: boolean;
  readonly #owner: AttemptOwner;
  /** Abandons the dial, while there is one. */
  #dialing: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;
  #cancelOpenTimer: (() => void) | undefined;
  #address = 'The server';
  #wire: Wire | undefined;
  #link: Speech | undefined;
  #isOver = false;
  #isWelcomed = false;
  #lastFrame = '';
  /** Whether the server may have let this client in without its knowledge. */
  #isUnanswered = false;
  /** The function of the program that is asked at the moment, for an error. */
  #asked: string | undefined;

  constructor(options: SessionOptions, isKnown: boolean, owner: AttemptOwner) {
    this.#options = options;
    this.#isKnown = isKnown;
    this.#owner = owner;
  }

  start(): void {
    const { clock, timeout } = this.#options;
    this.#cancelTimer = clock.after(timeout, () => {
      if (this.#asked) this.#lose(new OocsiError('timeout', `${this.#asked} gave nothing within ${timeout} ms.`));
      else this.#unfit('timeout', `${this.#link ? 'sent no welcome' : 'did not answer'} within ${timeout} ms`);
    });
    this.#open().catch((thrown) => this.#lose(asError(thrown)));
  }

  /** Ends the attempt, and the link: whatever that says later no longer counts. */
  end(): void {
    this.#isOver = true;
    this.#stopTimer();
    this.#dialing?.abort();
    this.#link?.close();
    this.#link = undefined;
  }

  async #open(): Promise<void> {
    const { adapter: giveAdapter, dialects, identity, policy } = this.#options;
    this.#asked = 'The function that gives the address';
    const adapter = await giveAdapter();
    policy.address = adapter.name;
    const wire = dialects[adapter.dialect];
    if (!wire) throw new OocsiError('unsupported', `No dialect ${adapter.dialect}`);
    this.#wire = wire;
    this.#address = adapter.name;
    const claim = await identity.claim((asked) => {
      this.#asked = asked;
    });
    this.#asked = undefined;
    if (this.#isOver) return;
    const link = new GuardedLink(await this.#dial(adapter), {
      sendFailed: (cause) => {
        // What a program lacks it would lack on the next link, too.
        const code = asError(cause).code === 'invalid' ? 'invalid' : 'disconnected';
        this.#lose(new OocsiError(code, `The link to ${this.#address} cannot send: ${textOf(cause)}`, { cause }));
      },
      closeFailed: (thrown) => this.#owner.closeFailed(thrown),
    });
    this.#dialing = undefined;
    this.#cancelOpenTimer?.();
    if (this.#isOver) return link.close();
    this.#link = wire.speak(link);
    this.#isUnanswered = true;
    this.#link.send(wire.hello(claim));
  }

  #dial(adapter: Adapter): Promise<Link> {
    const events: LinkEvents = {
      frame: (frame) => this.#hear(frame),
      close: (cause, details) => this.#closed(cause, details),
    };
    const dialing = new AbortController();
    this.#dialing = dialing;
    this.#expectLinkSoon();
    return adapter.dial(events, dialing.signal);
  }

  /** A client that was there before need not wait for its whole `timeout` when the network was away. */
  #expectLinkSoon(): void {
    const { clock, timeout } = this.#options;
    if (!this.#isKnown || timeout <= openTimeNear || !isNear(this.#address)) return;
    this.#cancelOpenTimer = clock.after(openTimeNear, () => {
      this.#unfit('timeout', `did not answer within ${openTimeNear} ms`);
    });
  }

  #hear(frame: string): void {
    if (this.#isOver || !this.#wire) return;
    this.#lastFrame = frame;
    // A refusal may come together with the link, before there is one here.
    if (frame === 'ping') this.#link?.send(this.#wire.command('.'));
    else if (this.#isWelcomed) this.#owner.heard(frame);
    else this.#greet(frame, this.#wire);
  }

  #greet(frame: string, wire: Wire): void {
    const { clock, identity } = this.#options;
    const said = wire.readGreeting(frame);
    if (frame.startsWith('\ufeff')) {
      return this.#unfit('protocol', 'begins with a byte order mark, which no OOCSI server sends');
    }
    if (said === undefined) return this.#unfit('protocol', `answers ${JSON.stringify(masked(frame.slice(0, 60)))}`);
    this.#isUnanswered = false;
    if (typeof said === 'object') {
      const error = identity.refused(said, this.#isKnown, clock.monotonic());
      if (error) this.#lose(error);
      else this.#owner.handle({ what: 'renamed' });
    } else if (this.#link) {
      this.#isWelcomed = true;
      this.#stopTimer();
      this.#owner.opened(this.#link, wire);
      const [moment, monotonic] = [clock.now(), clock.monotonic()];
      this.#owner.handle({ what: 'welcomed', ownHandle: said, moment, monotonic });
    }
  }

  #closed(cause: unknown, details: ErrorDetails = {}): void {
    this.#owner.gone();
    if (this.#isWelcomed) return this.#lose(this.#lossOf(cause, details));
    const how = closeText(details);
    // A server that closes by a rule of its own has said no; anything else may be no OOCSI server.
    if (!isRefusing(details.closeCode ?? 0)) return this.#unfit('protocol', `sent no welcome${how}`, cause, details);
    const text = `${this.#address} refused "${this.#options.identity.wanted}"${how}.`;
    this.#lose(new OocsiError('refused', text, { cause, details }));
  }

  /** Why a connection that was up has ended; what the server said last may tell. */
  #lossOf(cause: unknown, details: ErrorDetails): OocsiError {
    const { closeCode, closeReason = '' } = details;
    const said = this.#wire?.readGreeting(this.#lastFrame);
    const lastWords = typeof said === 'object' && readLongest(said.message) !== undefined ? said.message : '';
    const longest = readLongest(closeReason || lastWords) ?? (closeCode === messageTooBig ? 0 : undefined);
    const goodbye = isGoodbye(closeCode) || this.#lastFrame === this.#wire?.bye;
    const text = `Lost the connection to ${this.#address}${closeText(details, lastWords)}.`;
    const known = { ...details, goodbye, ...(longest !== undefined && { longest }) };
    return new OocsiError('disconnected', text, { cause, details: known });
  }

  #unfit(code: ErrorCode, what: string, cause?: unknown, details?: ErrorDetails): void {
    const advice = isDevServer(this.#lastFrame) ? `This is ${devServerAdvice}` : 'Is this the right port?';
    this.#lose(new OocsiError(code, `${this.#address} ${what}. ${advice}`, { cause, details }));
  }

  #lose(error: OocsiError): void {
    if (this.#isOver) return;
    const { clock, identity } = this.#options;
    if (this.#isUnanswered) identity.unanswered(clock.monotonic());
    this.#owner.handle({ what: 'lost', error, moment: clock.now(), monotonic: clock.monotonic() });
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelOpenTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** Told what a link throws. */
interface GuardOwner {
  sendFailed(thrown: unknown): void;
  closeFailed(thrown: unknown): void;
}

/** Links do not throw, but that of an adapter from elsewhere may: then the client goes on, and is told what was thrown. */
class GuardedLink implements Link {
  readonly #link: Link;
  readonly #owner: GuardOwner;

  constructor(link: Link, owner: GuardOwner) {
    this.#link = link;
    this.#owner = owner;
  }

  send(frame: string): void {
    try {
      this.#link.send(frame);
    } catch (thrown) {
      this.#owner.sendFailed(thrown);
    }
  }

  close(): void {
    try {
      this.#link.close();
    } catch (thrown) {
      this.#owner.closeFailed(thrown);
    }
  }

  get buffered(): number {
    return this.#link.buffered;
  }
}
