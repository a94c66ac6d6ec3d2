import { Agent, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import WebSocket, { type ClientOptions } from 'isomorphic-ws';
import type { Adapter } from '../protocol/index';
import { isError, type OocsiError, readRefusal, shownRedirect, textOf } from '../protocol/index';
import { checkOptions, refuse } from '../util/index';
import { type HttpAnswer, noOocsi, whyDeclined } from './declined-upgrade';
import { codeOf, whyUnreachable } from './unreachable';
import { webSocketAdapter } from './websocket';
import type { WebSocketLike } from './websocket-like';
import { type Pem, type WebSocketOptions, webSocketOptions } from './websocket-options';

// The WebSocket of Node.

/**
 * An adapter that speaks OOCSI over WebSocket.
 *
 * @param url `ws:` or `wss:`; without a path, `/ws` is meant
 * @param options what Node can say besides, such as `ca` and `headers`
 * @throws TypeError when the URL is none of these, or an option cannot be meant
 * @example
 * const oocsi = await connect(webSocket('wss://studio.local:9000', { ca: await readFile('studio.pem') }));
 */
export function webSocket(url: string | URL, options: WebSocketOptions = {}): Adapter {
  checkOptions(options, webSocketOptions);
  const clientOptions = clientOptionsOf(options);
  return webSocketAdapter(url, {
    checkAllowed,
    open: (address, hear) => open(new WebSocket(address, clientOptions), hear),
    errorOf,
    whyFailed,
  });
}

/** A piece that is so long already need not wait for its turn to end, in bytes. */
const pieceSize = 262_144;

/** Frames shorter than this are handed over as bytes, in characters. */
const shortFrame = 256;

const fixedOptions = {
  perMessageDeflate: false,
  /** A longer frame ends the connection before it fills the memory, in bytes; one that is shorter is read and then judged. */
  maxPayload: 2 ** 24,
  /** How long a socket that was closed waits for the other side, in ms. */
  closeTimeout: 5_000,
};

/** The options as `ws` takes them. */
function clientOptionsOf({ ca, cert, key, agent, headers, ...rest }: WebSocketOptions): ClientOptions {
  if (agent !== undefined && !(agent instanceof Agent))
    refuse('agent', agent, ': use an Agent of node:http or node:https');
  const given: ClientOptions = {
    agent,
    headers: headers && { ...headers },
    ca: ca === undefined ? undefined : [ca].flat().map(bytesOf),
    cert: cert === undefined ? undefined : bytesOf(cert),
    key: key === undefined ? undefined : bytesOf(key),
    ...rest,
  };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...said, ...fixedOptions };
}

function bytesOf(pem: Pem): Buffer {
  return Buffer.from(pem);
}

/** Node blocks nothing. */
function checkAllowed(_url: URL): void {}

/** Frames of one turn leave as one piece: for many small ones, most of the work would be to write each alone. */
function open(socket: WebSocket, hear: (frame: string) => void): WebSocketLike {
  let below: Socket | undefined;
  let isHeld = false;
  const release = (): void => {
    isHeld = false;
    below?.uncork();
  };
  socket.on('unexpected-response', async (request, response) => {
    const answer = await readAnswer(response);
    request.destroy();
    socket.emit('error', new NoWebSocket(answer));
  });
  socket.on('upgrade', (response) => {
    below = response.socket;
  });
  // Frames of bytes are no part of OOCSI.
  socket.on('message', (data, isBinary) => isBinary || hear(String(data)));
  const send = socket.send.bind(socket);
  return Object.assign(socket, {
    send(frame: string): void {
      if (!isHeld) {
        isHeld = true;
        below?.cork();
        queueMicrotask(release);
      }
      // Bytes are masked as they are copied behind their head, so that one write does; long texts are better masked in place.
      if (frame.length < shortFrame) send(Buffer.from(frame), { binary: false });
      else send(frame);
      if (below && below.writableLength > pieceSize) {
        below.uncork();
        below.cork();
      }
    },
  });
}

/** What an `error` event is about. */
function errorOf(event: object): unknown {
  return 'error' in event ? event.error : event;
}

async function whyFailed(url: URL, cause: unknown, _signal: AbortSignal): Promise<OocsiError> {
  if (cause instanceof NoWebSocket) {
    const { answer, message } = cause;
    return whyDeclined(url, answer, cause) ?? noOocsi(url, message, { cause, details: { httpStatus: answer.status } });
  }
  return isNoWebServer(cause) ? noOocsi(url, textOf(cause), { cause }) : whyUnreachable(url.href, cause);
}

/** Whether something answered, but not as web servers do. */
function isNoWebServer(cause: unknown): boolean {
  const code = codeOf(cause);
  // What `ws` finds wrong has no code, and what Node's parser of HTTP does has one of its own. Of a connection that was
  // closed before the answer Node names no system call.
  const isHangUp = code === 'ECONNRESET' && isError(cause) && !('syscall' in cause);
  return code === '' || code.startsWith('HPE_') || isHangUp;
}

/** The error of a WebSocket for which a web server had another answer. */
class NoWebSocket extends Error {
  constructor(readonly answer: HttpAnswer) {
    super(`HTTP ${answer.status}${answer.more}`);
  }
}

/** How long the words of an answer may be, in characters. */
const longestText = 200;

/** The answer, with the beginning of its words where people need them. */
async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = response;
  if (headers.location !== undefined) {
    return { status, more: `, to ${shownRedirect(headers.location)}` };
  }
  const isForPeople = [401, 403, 429, 503].includes(status) && !headers['content-type']?.includes('html');
  const text = isForPeople ? await firstLine(response) : '';
  return { status, more: text && `: ${text}`, refusal: readRefusal(text)?.code };
}

/** What has come first of a text: its end may be long in coming. */
function firstLine(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    response.setEncoding('utf8');
    response.once('data', (piece: string) => resolve(piece.trim().split('\n', 1)[0]?.slice(0, longestText) ?? ''));
    response.once('close', () => resolve(''));
  });
}
