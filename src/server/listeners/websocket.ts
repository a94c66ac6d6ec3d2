import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import {
  createRefusal,
  type LinkEvents,
  messageTooBig,
  normalClosure,
  policyViolation,
  type Refusal,
  refusalOf,
  webFrames,
} from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Broker } from '../broker/index';
import { TooLong } from '../broker/index';
import type { Counts } from '../config/index';
import type { ServerEventEmitter } from '../domain/index';
import { createTurn, InboundQueue, OutboundQueue, type Turn, takeTurns } from '../flow/index';
import { plainAddress } from './addresses';
import { holderOf } from './buffers';
import type { ClientParts } from './listener';
import type { OriginPolicy } from './origin-policy';
import { takeUpgrades } from './upgrades';
import { packFrames } from './ws-frames';

/** Where clients find the WebSocket. */
export const webSocketPath = '/ws';

/** Into how many fragments, and pieces that arrive one by one, a frame may be cut: each takes much more room than it holds. */
const cuts = { maxFragments: 1_024, maxBufferedChunks: 2 ** 14 };
/** How long the far side has to close a WebSocket that was closed from this side, in ms. */
const closeTimeout = 5_000;
/** The same of a client that was never let in, in ms. */
const closeWithin = 500;

/** What is needed to take WebSockets. */
export interface WebSocketParts extends ClientParts {
  readonly originPolicy: OriginPolicy;
  readonly events: ServerEventEmitter;
  readonly counts: Counts;
}

/** Lets a web server take WebSockets for a broker. */
export function attachWebSockets(server: Server, broker: Broker, parts: WebSocketParts): void {
  const turn = createTurn(packFrames, parts.backpressure.flushes);
  const tooLong = refusalOf('longFrame', parts.limits.line);
  const upgrades = createWebSocketServer(parts.limits.line, tooLong);
  takeUpgrades(server, upgrades);
  upgrades.on('connection', (socket, request: IncomingMessage) => {
    const reason = parts.originPolicy.refusesSocket(request);
    if (reason !== undefined) refuse(socket, createRefusal('origin', reason), addressOf(request.socket), parts);
    else serveWebSocket(socket, request.socket, { ...parts, broker, turn, tooLong });
  });
}

/** @param tooLong what a client is told that sends a frame of more than `longest` bytes */
function createWebSocketServer(longest: number, tooLong: Refusal): WebSocketServer {
  return new WebSocketServer({
    ...{ noServer: true, path: webSocketPath, perMessageDeflate: false, closeTimeout, ...cuts },
    // Longer frames are not even read.
    maxPayload: longest,
    WebSocket: class extends WebSocket {
      /** `ws` closes with a code alone when a frame is too long; the client is to know what was. */
      override close(code?: number, reason?: string | Buffer): void {
        const isFirst = this.readyState === WebSocket.OPEN;
        if (code !== messageTooBig || !isFirst) return super.close(code, reason);
        this.send(webFrames.refusal(tooLong));
        super.close(code, tooLong.message);
      }
    },
  });
}

interface ConnectionParts extends WebSocketParts {
  readonly broker: Broker;
  readonly turn: Turn;
  readonly tooLong: Refusal;
}

/** @param below the socket that carries the frames */
function serveWebSocket(socket: WebSocket, below: Socket, parts: ConnectionParts): void {
  const { clock, gate, backpressure, broker, turn, tooLong } = parts;
  let isKnown = false;
  // Frames go past `socket` to the one below it, each put into bytes once for all its receivers; they are whole, so
  // what `socket` has to say by itself fits between them.
  const link = new OutboundQueue(below, turn, backpressure, () => {
    socket.close(normalClosure);
    if (!isKnown) terminateSoon(socket, clock);
  });
  const frames = new IncomingFrames();
  const queue: InboundQueue = new InboundQueue(socket, backpressure, () => {
    const frame = frames.next();
    if (frame === undefined) return false;
    client.frame(frame);
    return !frames.isEmpty;
  });
  takeTurns(below, queue);
  below.on('data', ({ length }) => {
    frames.unfinished += length;
    backpressure.budget.grew(length);
  });
  // These may come in between, and are not kept.
  const forgetControl = ({ length }: Buffer): void => frames.forgetControl(length);
  socket.on('ping', forgetControl).on('pong', forgetControl);
  const forgetBuffers = backpressure.budget.add(holderOf(below, gate, link, () => frames.held));
  const client: LinkEvents = broker.accept(link, 'web', {
    hold: (isForWork) => queue.hold(isForWork),
    release: (isForWork) => queue.release(isForWork),
    cutsSlow: true,
    address: addressOf(below),
    welcomed() {
      isKnown = true;
      gate.identified(below);
    },
  });
  let error: Error | undefined;
  socket.on('error', (thrown) => {
    const isTooLong = 'code' in thrown && thrown.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    error = isTooLong ? new TooLong(tooLong) : thrown;
  });
  socket.on('close', () => {
    forgetBuffers();
    link.drop();
    queue.finish(() => client.close(link.error ?? error));
  });
  socket.on('message', (data, isBinary) => {
    frames.unfinished = 0;
    // Frames of bytes are no part of OOCSI.
    if (isBinary) return;
    frames.add(String(data));
    queue.run();
  });
}

/** The head of a frame of a client that is short, in bytes. */
const shortHead = 6;

/** Frames that have come and are not handed over yet. */
class IncomingFrames {
  /** Bytes of a frame that has not come whole. */
  unfinished = 0;
  readonly #frames: string[] = [];
  #at = 0;
  /** The characters of all of them. */
  #length = 0;

  /** About what it holds, in bytes. */
  get held(): number {
    return this.unfinished + this.#length;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  add(frame: string): void {
    this.#frames.push(frame);
    this.#length += frame.length;
  }

  next(): string | undefined {
    const frame = this.#frames[this.#at++];
    if (this.#at >= this.#frames.length) {
      this.#frames.length = 0;
      this.#at = 0;
    }
    this.#length -= frame?.length ?? 0;
    return frame;
  }

  /** A ping or pong with so many bytes has come. */
  forgetControl(length: number): void {
    this.unfinished = Math.max(0, this.unfinished - length - shortHead);
  }
}

function addressOf(socket: Socket): string {
  return plainAddress(socket.remoteAddress ?? '');
}

/** A browser tells a page why only once the WebSocket is open. */
function refuse(socket: WebSocket, refusal: Refusal, address: string, parts: WebSocketParts): void {
  const { message: reason, code } = refusal;
  parts.counts.refused++;
  parts.events.emit('refused', { reason, code, handle: undefined, address });
  socket.on('error', () => undefined);
  socket.send(webFrames.refusal(refusal));
  socket.close(policyViolation);
  terminateSoon(socket, parts.clock);
}

/** There may be very many sockets of clients that were never let in, and that do not answer. */
function terminateSoon(socket: WebSocket, clock: Clock): void {
  const cancel = clock.after(closeWithin, () => socket.terminate());
  socket.once('close', cancel);
}
