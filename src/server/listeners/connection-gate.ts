import type { Socket } from 'node:net';
import { OocsiError, type Refusal, type RefusalCode, refusalOf, textOf } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { type AddressGroup, groupsOf } from '../../util/index';
import type { Counts, ServerLimits } from '../config/index';
import type { ServerEventEmitter } from '../domain/index';
import { isLoopback, plainAddress } from './addresses';

/** Where a socket comes from and goes to: nothing else has all three. */
export type Place = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>;

/** A place from which something may have been read. */
export type Speaking = Place & Pick<Socket, 'bytesRead'>;

/** What a door needs of a socket. */
export interface Knocking extends Place {
  on(event: 'error', listener: () => void): unknown;
  once(event: 'close' | 'finish', listener: () => void): unknown;
  resume(): unknown;
  end(text: string): unknown;
  destroy(): unknown;
}

/** What becomes of the sockets of one listener. */
export interface Entry<S> {
  /** Takes a socket that comes in, and reads from it. */
  serve(socket: S): void;
  /** What is said to one that must stay out. */
  refusal(refusal: Refusal): string;
}

/** Lets sockets in, as many as there is room for; the same door for all listeners of a server. */
export interface Door {
  /** A socket came, and nothing was read from it yet. It waits here when there is no room. */
  arrive<S extends Knocking>(socket: S, entry: Entry<S>): void;
  /** Whoever is behind a socket is known now, so that somebody else may come in. */
  know(place: Place): void;
  /**
   * Ends a socket after `ms`, unless it is expected to do something else until then, or `isFine`. That is told of, unless
   * nothing was ever read from it: browsers open connections in advance that they may not need.
   */
  expect(socket: Speaking, ms: number, isFine?: () => boolean): void;
  /** Ends a socket for what its far side did. */
  expel(place: Place, reason: string): void;
  /** From now on, nothing is expected of a socket in time. */
  trust(place: Place): void;
  /** Whether a socket has asked for nothing that is still to come. */
  isIdle(place: Place): boolean;
  /** A socket could not be accepted, because of what `cause` says. */
  fault(cause: Error): void;
}

/** What a door works with. */
export interface DoorParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly news: ServerEventEmitter;
  readonly counts: Counts;
}

/** How long the far side of a socket that nobody knows has to close it, once it was ended from this side, in ms. */
const partingTime = 500;
/** So many sockets that were turned away have that time; there may be very many of them. */
const partingAtMost = 256;
/** So many come in before those who are here already are heard again. */
const inARowAtMost = 32;
/** After a fault nobody comes in for so long, in ms: what was lacking may be there again then. */
const restAfterFault = 1_000;

interface Visitor {
  readonly socket: Knocking;
  readonly serve: () => void;
  readonly refusal: (refusal: Refusal) => string;
  readonly address: string;
  /** What it counts for. */
  readonly groups: readonly AddressGroup[];
  state: 'waiting' | 'unknown' | 'known' | 'refused';
  isIdle: boolean;
  cancel: () => void;
}

export function createDoor({ clock, limits, news, counts }: DoorParts): Door {
  const visitors = new Map<string, Visitor>();
  const waiting = new Set<Visitor>();
  /** How many there are of each group of addresses. */
  const perGroup = new Map<string, number>();
  const trusted = new Set(limits.trusted);
  const numbers = { unknown: 0, known: 0, waiting: 0, refused: 0 };
  let restsUntil = 0;
  /** How many came in since the program last looked at those who are here already. */
  let inARow = 0;

  function move(visitor: Visitor, state: Visitor['state']): void {
    numbers[visitor.state]--;
    numbers[state]++;
    visitor.state = state;
  }

  const hasRoom = (): boolean =>
    inARow < inARowAtMost &&
    numbers.unknown < limits.unauthenticated &&
    numbers.unknown + numbers.known < limits.clients + limits.unauthenticated;

  function letIn(visitor: Visitor): void {
    move(visitor, 'unknown');
    if (inARow++ === 0) setImmediate(nextTurn);
    visitor.serve();
  }

  function nextTurn(): void {
    inARow = 0;
    letInMore();
  }

  function letInMore(): void {
    for (const visitor of waiting) {
      if (!hasRoom()) return;
      waiting.delete(visitor);
      letIn(visitor);
    }
  }

  function tell({ address }: Visitor, code: RefusalCode, reason: string): void {
    counts.refused++;
    news.emit('refused', { reason, code, handle: undefined, address });
  }

  function turnAway(visitor: Visitor, refusal: Refusal): void {
    move(visitor, 'refused');
    tell(visitor, refusal.code, refusal.message);
    if (numbers.refused > partingAtMost) visitor.socket.destroy();
    else {
      visitor.socket.end(visitor.refusal(refusal));
      // What is still to come is read and forgotten, or the answer would be lost with it.
      visitor.socket.resume();
    }
  }

  function part({ socket, state }: Visitor): void {
    if (state === 'known') return;
    const cancel = clock.after(partingTime, () => socket.destroy());
    socket.once('close', cancel);
  }

  function leave(key: string, visitor: Visitor): void {
    // Somebody else may come from there before this one is seen to be gone.
    if (visitors.get(key) === visitor) visitors.delete(key);
    waiting.delete(visitor);
    visitor.cancel();
    numbers[visitor.state]--;
    for (const { name } of visitor.groups) {
      const rest = (perGroup.get(name) ?? 1) - 1;
      if (rest > 0) perGroup.set(name, rest);
      else perGroup.delete(name);
    }
    letInMore();
  }

  /** The group of addresses that a visitor is one too many of. */
  function crowded({ address, groups }: Visitor): AddressGroup | undefined {
    if (trusted.has(address) || isLoopback(address)) return undefined;
    return groups.find(({ name, times }) => (perGroup.get(name) ?? 0) > limits.perAddress * times);
  }

  return {
    arrive(socket, entry) {
      const key = keyOf(socket);
      const address = plainAddress(socket.remoteAddress ?? '');
      if (address === '' || clock.monotonic() < restsUntil) {
        socket.destroy();
        return;
      }
      const visitor: Visitor = {
        ...{ socket, address, groups: groupsOf(address), state: 'waiting', isIdle: false },
        serve: () => entry.serve(socket),
        refusal: (refusal) => entry.refusal(refusal),
        cancel: () => undefined,
      };
      for (const { name } of visitor.groups) perGroup.set(name, (perGroup.get(name) ?? 0) + 1);
      const group = crowded(visitor);
      numbers.waiting++;
      visitors.set(key, visitor);
      socket.once('close', () => leave(key, visitor));
      socket.once('finish', () => part(visitor));
      // Its `close` tells all that there is to do.
      socket.on('error', () => undefined);
      if (group) turnAway(visitor, refusalOf('fullAddress', group.name));
      else if (waiting.size === 0 && hasRoom()) letIn(visitor);
      else if (waiting.size < limits.backlog) waiting.add(visitor);
      else turnAway(visitor, refusalOf('fullBacklog'));
    },
    know(place) {
      const visitor = visitors.get(keyOf(place));
      if (visitor?.state !== 'unknown') return;
      move(visitor, 'known');
      letInMore();
    },
    expect(socket, ms, isFine) {
      const visitor = visitors.get(keyOf(socket));
      if (!visitor) return;
      visitor.cancel();
      visitor.isIdle = isFine === undefined;
      visitor.cancel = clock.after(ms, () => {
        if (isFine?.()) return;
        if (visitor.state === 'unknown' && socket.bytesRead > 0)
          tell(visitor, 'limit', `nothing was asked for within ${ms / 1_000} s`);
        // At once: what it may still ask for must not count.
        visitor.socket.destroy();
      });
    },
    expel(place, reason) {
      const visitor = visitors.get(keyOf(place));
      if (!visitor) return;
      tell(visitor, 'limit', reason);
      visitor.socket.destroy();
    },
    trust(place) {
      const visitor = visitors.get(keyOf(place));
      if (!visitor) return;
      visitor.cancel();
      visitor.isIdle = false;
    },
    isIdle: (place) => visitors.get(keyOf(place))?.isIdle ?? false,
    fault(cause) {
      const now = clock.monotonic();
      if (now < restsUntil) return;
      restsUntil = now + restAfterFault;
      news.emit('error', new OocsiError('unreachable', `Cannot take connections: ${textOf(cause)}.`, { cause }));
    },
  };
}

function keyOf({ remoteAddress, remotePort, localPort }: Place): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
