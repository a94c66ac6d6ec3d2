import type { Adapter, Dialect, Link, LinkEvents } from '../protocol/index';
import { createLineSplitter } from '../protocol/index';
import { settled } from './virtual-clock';

/** One attempt to dial, as the far side sees it. */
export interface Attempt {
  /** What the client sent on this link. */
  readonly sent: readonly string[];
  readonly signal: AbortSignal;
  /** Whether the client closed the link. */
  readonly closed: boolean;
  /** Whether it answers when the client asks whether it is there; such questions are in `sent` only when it does not. */
  isAlive: boolean;
  /** Bytes that the link says have not left yet. */
  buffered: number;
  /** Opens the link. */
  open(): Promise<void>;
  /** Says something to the client: a frame. */
  say(frame: string): void;
  /** Says lines to the client, cut into pieces of at most so many bytes, as they may come from a network. */
  sayBytes(text: string, size: number): void;
  /** The link ends, by itself. */
  drop(cause?: unknown): void;
  /** The attempt fails. */
  fail(cause: unknown): Promise<void>;
  /** Opens the link and welcomes the client. */
  welcome(handle?: string): Promise<void>;
}

/** An adapter whose far side is the test. */
export interface ScriptedAdapter extends Adapter {
  readonly attempts: readonly Attempt[];
  /** The newest attempt. */
  readonly last: Attempt;
}

/** What a server says to a client that only asks whether it is there. */
function answerTo(frame: string): string | undefined {
  if (frame === 'ping\n') return '.';
  const [, handle] = /^sendjson (\S+) \{"_ECHO":1\}$/.exec(frame) ?? [];
  return handle && `{"recipient":"${handle}","sender":"${handle}","timestamp":1,"data":{"_ECHO":1}}`;
}

/**
 * An adapter whose far side is the test: it opens links, says frames, and ends them when the test says so.
 *
 * @example
 * const far = createScriptedAdapter();
 * const oocsi = createClient(far, { handle: 'lamp', clock });
 * await clock.advance(0); // the client dials
 * await far.last.welcome();
 * oocsi.send('colour', { color: 120 });
 * far.last.sent; //=> ['lamp', 'sendjson colour {"color":120}']
 */
export function createScriptedAdapter(dialect: Dialect = 'web'): ScriptedAdapter {
  const attempts: Attempt[] = [];

  function attempt(
    events: LinkEvents,
    signal: AbortSignal,
    settle: (link: Link) => void,
    reject: (cause: unknown) => void,
  ): Attempt {
    const sent: string[] = [];
    const take = createLineSplitter((line) => events.frame(line));
    const decoder = new TextDecoder();
    let closed = false;
    const self: Attempt = {
      isAlive: true,
      buffered: 0,
      sent,
      signal,
      get closed() {
        return closed;
      },
      async open() {
        settle({
          send(frame) {
            const answer = self.isAlive ? answerTo(frame) : undefined;
            if (answer) queueMicrotask(() => events.frame(answer));
            else sent.push(frame);
          },
          close() {
            closed = true;
          },
          get buffered() {
            return self.buffered;
          },
        });
        await settled();
      },
      say: (frame) => events.frame(frame),
      sayBytes(text, size) {
        const bytes = new TextEncoder().encode(text);
        for (let at = 0; at < bytes.length; at += size) {
          take(decoder.decode(bytes.subarray(at, at + size), { stream: true }));
        }
      },
      drop: (cause) => events.close(cause),
      async fail(cause) {
        reject(cause);
        await settled();
      },
      async welcome(handle) {
        await self.open();
        const name = handle ?? sent[0]?.replace(/\(JSON\)\n$/, '') ?? '';
        self.say(dialect === 'web' ? `{"message" : "welcome ${name}"}` : `{'message' : "welcome ${name}"}`);
        await settled();
      },
    };
    return self;
  }

  return {
    name: 'script://test',
    dialect,
    attempts,
    get last() {
      const newest = attempts.at(-1);
      if (!newest) throw new Error('nothing has dialled yet');
      return newest;
    },
    dial: (events, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        attempts.push(attempt(events, signal, resolve, reject));
      }),
  };
}
