/** What a server has done and holds, at one moment. */
export interface ServerStats {
  /** How long the server has been there, in ms. */
  readonly uptime: number;
  readonly clients: number;
  /** Connections whose client was not let in yet. */
  readonly unauthenticated: number;
  readonly channels: number;
  /** Messages that channels keep. */
  readonly retained: number;
  /** Messages that wait for their time. */
  readonly delayed: number;
  /** Messages of clients. */
  readonly messagesIn: number;
  /** Messages to clients; one that ten of them get counts ten times. */
  readonly messagesOut: number;
  /** All that clients said, in characters; those of ASCII are a byte each. */
  readonly bytesIn: number;
  /** All that was said to clients, in the same way. */
  readonly bytesOut: number;
  /** Messages that were not passed on: too large, too many or too far ahead to keep or delay, to a name that cannot be. */
  readonly dropped: number;
  /** Connections that were refused, or ended for what they did. */
  readonly refused: number;
  /** Clients that lost their connection because they did not read. */
  readonly slow: number;
}

/** The numbers of {@link ServerStats} that only go up. */
export type Counts = {
  -readonly [K in
    | 'messagesIn'
    | 'messagesOut'
    | 'bytesIn'
    | 'bytesOut'
    | 'dropped'
    | 'refused'
    | 'slow']: ServerStats[K];
};

export function createCounts(): Counts {
  return { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0, refused: 0, slow: 0 };
}
