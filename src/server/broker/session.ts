import type {
  ClientRefusal,
  Dialect,
  Envelope,
  Link,
  LinkEvents,
  Refusal,
  ServerData,
  ServerFrames,
} from '../../protocol/index';
import {
  createDataReader,
  isCommand,
  lineFrames,
  pureDataFrames,
  readClaim,
  refusalOf,
  textOf,
  trimBlanks,
  webFrames,
  words,
} from '../../protocol/index';
import type { LeaveReason, Peer } from '../domain/index';
import { SlowConsumerError } from '../flow/index';
import type { RateLimiter } from '../limits/index';
import { type CommandClient, commands } from './commands/index';
import { EarlyFrames } from './early-frames';
import type { SessionHost } from './session-host';

/** Why a listener closed a link: it does not read frames that are so long. */
export class TooLong extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** One link and the client behind it: reads its frames, lets it in, carries out its commands, and writes to it. */
export class Session implements CommandClient, LinkEvents {
  readonly dialect: Dialect;
  readonly hold: (() => () => void) | undefined;
  readonly #host: SessionHost;
  readonly #link: Link;
  readonly #peer: Peer;
  readonly #rateLimiter: RateLimiter | undefined;
  readonly #cancelHandshake: () => void;
  #wording: ServerFrames;
  #name: string | undefined;
  /** What came between the first frame and the answer to it. */
  #early: EarlyFrames | undefined;
  #seen: number;
  #answered: (() => void) | undefined;
  #isOver = false;
  /** Most clients only listen. */
  #readData: ((text: string) => ServerData) | undefined;

  constructor(host: SessionHost, dialect: Dialect, link: Link, peer: Peer) {
    this.dialect = dialect;
    this.hold = peer.hold && (() => this.#holdPeer());
    this.#host = host;
    this.#link = link;
    this.#peer = peer;
    this.#wording = dialect === 'web' ? webFrames : lineFrames;
    this.#seen = this.#now();
    this.#rateLimiter = host.rateLimiter(peer, () => {
      // The server did not read the client, so its silence does not count.
      this.#seen = this.#now();
    });
    this.#cancelHandshake = host.awaitHandshake(() => {
      this.#refuse(refusalOf('lateHandshake', host.limits.handshakeTime / 1_000));
    });
  }

  get name(): string | undefined {
    return this.#name;
  }

  get address(): string | undefined {
    return this.#peer.address;
  }

  get wording(): ServerFrames {
    return this.#wording;
  }

  get seen(): number {
    return this.#rateLimiter?.holds ? this.#now() : this.#seen;
  }

  /** Takes a frame of the client. */
  frame(frame: string): void {
    if (this.#isOver) return;
    const { counts, limits } = this.#host;
    this.#seen = this.#now();
    if (this.#answered) this.#stopProbe();
    counts.bytesIn += frame.length;
    this.#rateLimiter?.count(frame.length);
    if (frame.length > limits.line) this.#refuse(refusalOf('longLine', limits.line));
    else this.#read(frame);
  }

  /** The link has closed, because of `cause` if it says. */
  close(cause?: unknown): void {
    if (!this.#isOver && cause instanceof SlowConsumerError) this.#host.tooSlow(this, cause);
    if (!this.#isOver && cause instanceof TooLong) this.#host.refused(this, cause.refusal);
    this.#leave(cause instanceof SlowConsumerError ? 'slow' : cause instanceof TooLong ? 'refused' : 'left');
  }

  write(text: string): void {
    this.#flush();
    if (!this.#isOver) this.#send(text);
  }

  tell(envelope: Envelope): void {
    this.#flush();
    if (this.#isOver) return;
    this.#host.counts.messagesOut++;
    this.#send(this.#wording.message(envelope));
  }

  answer(text: string): void {
    this.write(this.#wording.answer(text));
  }

  error(text: string): void {
    this.write(this.#wording.error(text));
  }

  readData(text: string): ServerData {
    this.#readData ??= createDataReader();
    return this.#readData(text);
  }

  probe(answered: () => void): void {
    this.#answered = answered;
    this.write(this.#wording.ping);
  }

  end(lastWord: string | undefined, reason: LeaveReason): void {
    if (this.#isOver) return;
    this.#leave(reason);
    if (lastWord !== undefined) this.#link.send(lastWord);
    this.#link.close();
  }

  #now(): number {
    return this.#host.context.clock.monotonic();
  }

  /** What was published before is delivered first. This may end the session, if it takes too little. */
  #flush(): void {
    this.#host.context.delivery.flush();
  }

  #holdPeer(): () => void {
    this.#peer.hold?.(true);
    return () => this.#peer.release?.(true);
  }

  #stopProbe(): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.();
  }

  #read(frame: string): void {
    if (this.#isOver) return;
    try {
      if (this.#name !== undefined) this.#carryOut(this.dialect === 'line' ? trimBlanks(frame) : frame);
      else if (!this.#early) this.#greet(frame);
      else if (!this.#early.add(frame)) this.#refuse(refusalOf('muchTooEarly'));
    } catch (thrown) {
      // Data that cannot be read: only its sender is told.
      this.error(textOf(thrown));
    }
  }

  #greet(frame: string): void {
    const { limits } = this.#host;
    if (frame.length > limits.handshake && !(this.dialect === 'web' && isCommand(frame))) {
      return this.#refuse(refusalOf('longHandshake', limits.handshake));
    }
    this.#cancelHandshake();
    const { wording, name } = readClaim(this.dialect, frame);
    this.#wording = wording;
    if (typeof name === 'object') return this.#refuse(name);
    // Some WebSocket clients say no name: their first frame is a command already.
    this.#early = new EarlyFrames(this.#peer, limits.line, name === undefined ? frame : undefined);
    this.#host.admit(this, name, (result) => {
      if (typeof result === 'object') this.#refuse(result);
      else this.#enter(result);
    });
    this.#early?.hold();
  }

  #enter(name: string): void {
    this.#name = name;
    this.#flush();
    this.#link.send(this.#wording.welcome(name));
    this.#host.joined(this);
    this.#peer.welcomed?.();
    for (const frame of this.#takeEarly()) this.#read(frame);
  }

  #takeEarly(): string[] {
    const frames = this.#early?.take() ?? [];
    this.#early = undefined;
    return frames;
  }

  #carryOut(frame: string): void {
    const { context, limits } = this.#host;
    // Pure Data cannot say commas inside of a message, and ends each with a semicolon.
    const text = this.#wording === pureDataFrames ? frame.replace(/;/g, '').replace(/'/g, ',') : frame;
    const { verb, rest } = words(text);
    const command = commands.get(verb);
    if (!command?.isMessage) {
      this.#flush();
      if (this.#isOver) return;
      if (frame.length > limits.command) {
        return this.error(`line longer than ${limits.command} characters, and no message`);
      }
    }
    if (command?.dialects.includes(this.dialect)) command.run(context, this, rest);
  }

  #send(text: string): void {
    const { counts, limits } = this.#host;
    const { buffered } = this.#link;
    if (!this.#peer.cutsSlow && buffered > limits.queue) {
      this.#host.tooSlow(this, new SlowConsumerError(`more than ${limits.queue} bytes waited`, buffered));
      return this.end(undefined, 'slow');
    }
    counts.bytesOut += text.length;
    try {
      this.#link.send(text);
    } catch (thrown) {
      // A link that cannot send is at its end, and must not keep others from their messages.
      this.close(thrown);
    }
  }

  #refuse(refusal: ClientRefusal): void {
    if (this.#isOver) return;
    this.#host.refused(this, refusal);
    this.end(this.#wording.refusal(refusal), 'refused');
  }

  #leave(reason: LeaveReason): void {
    this.#flush();
    this.#isOver = true;
    this.#cancelHandshake();
    this.#rateLimiter?.stop();
    this.#takeEarly();
    this.#host.left(this, reason);
  }
}
