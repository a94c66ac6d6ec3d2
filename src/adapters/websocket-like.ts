/** As much of a WebSocket as is needed here: no user needs the types of a page, or of `ws`, to use ours. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
  addEventListener(type: 'close', listener: (event: CloseLike) => void): void;
  send(frame: string): void;
  close(code?: number): void;
}

interface CloseLike {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;
}
