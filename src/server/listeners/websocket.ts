import type { IncomingMessage, Server } from 'node:http';
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
import type { Broker } from '../broker/index';
import { TooLong } from '../broker/index';
import type { Counts } from '../config/index';
import type { ServerEventEmitter } from '../domain/index';
import { createTurn, InboundQueue, OutboundQueue, takeTurns } from '../flow/index';
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
/** The same of one who was never let in. */
const partingTime = 500;

/** What is needed to take WebSockets. */
export interface WebSocketParts extends ClientParts {
  readonly originPolicy: OriginPolicy;
  readonly events: ServerEventEmitter;
  readonly counts: Counts;
}

/** Lets a web server take WebSockets for a broker. */
export function attachWebSockets(server: Server, broker: Broker, parts: WebSocketParts): void {
  const { clock, limits, gate, originPolicy, events, counts, backpressure } = parts;
  const turn = createTurn(packFrames, backpressure.flushes);
  const tooLong = refusalOf('longFrame', limits.line);
  const upgrades = new WebSocketServer({
    ...{ noServer: true, path: webSocketPath, perMessageDeflate: false, closeTimeout, ...cuts },
    // Longer frames are not even read.
    maxPayload: limits.line,
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
  takeUpgrades(server, upgrades);
  upgrades.on('connection', (socket, request: IncomingMessage) => {
    const address = plainAddress(request.socket.remoteAddress ?? '');
    const reason = originPolicy.refusesSocket(request);
    if (reason !== undefined) return turnAway(socket, createRefusal('origin', reason), address);
    // Frames go past `socket` to the one below it, each put into bytes once for all its receivers; they are whole, so
    // what `socket` has to say by itself fits between them.
    let isKnown = false;
    const link = new OutboundQueue(request.socket, turn, backpressure, () => part(socket, normalClosure, isKnown));
    // What has come already when it is to be read no more.
    const frames: string[] = [];
    let at = 0;
    /** Their characters. */
    let waiting = 0;
    const source: InboundQueue = new InboundQueue(socket, backpressure, () => {
      const frame = frames[at++];
      if (at >= frames.length) {
        frames.length = 0;
        at = 0;
      }
      if (frame === undefined) return false;
      waiting -= frame.length;
      events.frame(frame);
      return frames.length > 0;
    });
    takeTurns(request.socket, source);
    /** Bytes of a frame that has not come whole. */
    let unfinished = 0;
    request.socket.on('data', ({ length }) => {
      unfinished += length;
      backpressure.budget.grew(length);
    });
    // These may come in between, and are not kept; their heads have six bytes.
    const forgetControl = ({ length }: Buffer): void => {
      unfinished = Math.max(0, unfinished - length - 6);
    };
    socket.on('ping', forgetControl).on('pong', forgetControl);
    const forgetBuffers = backpressure.budget.add(holderOf(request.socket, gate, link, () => unfinished + waiting));
    const events: LinkEvents = broker.accept(link, 'web', {
      hold: (isForWork) => source.hold(isForWork),
      release: (isForWork) => source.release(isForWork),
      cutsSlow: true,
      address,
      welcomed() {
        isKnown = true;
        gate.identified(request.socket);
      },
    });
    let failure: Error | undefined;
    socket.on('error', (error) => {
      const isTooLong = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      failure = isTooLong ? new TooLong(tooLong) : error;
    });
    socket.on('close', () => {
      forgetBuffers();
      link.drop();
      source.finish(() => events.close(link.error ?? failure));
    });
    // Frames of bytes are no part of OOCSI.
    socket.on('message', (data, isBinary) => {
      unfinished = 0;
      if (isBinary) return;
      const frame = String(data);
      frames.push(frame);
      waiting += frame.length;
      source.run();
    });
  });

  /** A browser tells a page why only once the WebSocket is open. */
  function turnAway(socket: WebSocket, refusal: Refusal, address: string): void {
    const { message: reason, code } = refusal;
    counts.refused++;
    events.emit('refused', { reason, code, handle: undefined, address });
    socket.on('error', () => undefined);
    socket.send(webFrames.refusal(refusal));
    part(socket, policyViolation, false);
  }

  /** There may be very many who were never let in, and who do not answer. */
  function part(socket: WebSocket, code: number, isKnown: boolean): void {
    socket.close(code);
    if (isKnown) return;
    const cancel = clock.after(partingTime, () => socket.terminate());
    socket.once('close', cancel);
  }
}
