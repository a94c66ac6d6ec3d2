import { once } from 'node:events';
import { connect } from 'node:net';
import WebSocket from 'ws';

/** A client without a library: it sends what a test writes, and keeps what the server says. */
export interface Raw {
  /** Sends frames; over TCP each becomes a line. */
  say(...frames: string[]): void;
  /** Sends bytes as they are; over WebSocket as a binary frame. */
  bytes(data: string | Uint8Array): void;
  /** Resolves when the server has dealt with all that was sent, and what it had said before has arrived. */
  settled(): Promise<void>;
  /** Settles, and takes all frames that came. */
  heard(): Promise<string[]>;
  /** Waits until the connection is closed, and takes all frames that came. */
  closed(): Promise<string[]>;
  readonly isClosed: boolean;
  /** Closes the connection from this side. */
  leave(): Promise<void>;
}

/** How long to wait for what should come before a test is given up, in ms: no measure of how fast it is to come. */
const patience = 30_000;

/** Rejects when `promise` hangs. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until `condition` holds, one turn of the event loop after the other. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise(setImmediate);
  }
}

interface Wire {
  readonly say: Raw['say'];
  readonly bytes: Raw['bytes'];
  /** Asks something that the server answers in order; `done` is called with the answer. */
  ask(done: () => void): void;
  hangUp(): void;
}

function rawOn(wire: Wire, frames: string[], end: Promise<unknown>): Raw {
  let isClosed = false;
  const closed = end.then(() => {
    isClosed = true;
  });
  const take = (): string[] => frames.splice(0);
  const raw: Raw = {
    say: wire.say,
    bytes: wire.bytes,
    async settled() {
      if (isClosed) return;
      await within(Promise.race([new Promise<void>(wire.ask), closed]), 'an answer of the server');
    },
    heard: () => raw.settled().then(take),
    closed: () => within(closed, 'the end of the connection').then(take),
    get isClosed() {
      return isClosed;
    },
    async leave() {
      wire.hangUp();
      await within(closed, 'the end of the connection');
    },
  };
  return raw;
}

/** A client over TCP. It settles by a `ping`, whose answer it keeps to itself. */
export async function dialTcp(port: number, { allowHalfOpen = false } = {}): Promise<Raw> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen });
  const frames: string[] = [];
  const asked = new Map<number, () => void>();
  let pings = 0;
  let answers = 0;
  let rest = '';
  const keep = (line: string): void => {
    const isAnswer = line === '.' || line === '.;';
    if (isAnswer) answers++;
    const done = isAnswer ? asked.get(answers) : undefined;
    if (done) done();
    else frames.push(line);
  };
  socket.setEncoding('utf8').on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(keep);
  });
  socket.on('end', () => rest === '' || frames.push(`${rest} (without a line end)`));
  // What ends a connection that was cut; its `close` says enough.
  socket.on('error', () => undefined);
  const end = new Promise((resolve) => socket.once('close', resolve));
  await within(once(socket, 'connect'), 'a connection');
  const bytes = (data: string | Uint8Array): void => {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    pings += text.match(/^ping;?\r?$/gm)?.length ?? 0;
    if (socket.writable) socket.write(data);
  };
  const wire: Wire = {
    say: (...lines) => bytes(lines.map((line) => `${line}\n`).join('')),
    bytes,
    ask(done) {
      asked.set(pings + 1, done);
      wire.say('ping');
    },
    hangUp: () => socket.end(),
  };
  return rawOn(wire, frames, end);
}

/** A client over WebSocket. It settles by a ping of WebSocket's own, of which the protocol knows nothing. */
export async function dialWeb(url: string): Promise<Raw> {
  const socket = new WebSocket(url);
  const frames: string[] = [];
  const asked: (() => void)[] = [];
  socket.on('message', (data) => frames.push(String(data)));
  socket.on('pong', () => asked.shift()?.());
  socket.on('error', () => undefined);
  const end = new Promise((resolve) => socket.once('close', resolve));
  await within(once(socket, 'open'), 'a connection');
  const wire: Wire = {
    say: (...texts) => {
      for (const text of texts) socket.send(text);
    },
    bytes: (data) => socket.send(Buffer.from(data)),
    ask(done) {
      asked.push(done);
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    hangUp: () => socket.close(),
  };
  return rawOn(wire, frames, end);
}
