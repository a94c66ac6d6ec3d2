/** What a listener knows of the far side of a link, and can do about it. A link within a program has none of it. */
export interface Peer {
  /** Where the client is, such as `192.168.1.7`. */
  readonly address?: string | undefined;
  /**
   * Reads nothing more until it is released as often as it was held; what was read already may still come. `isForWork` when
   * what the client sent is still worked on: then what was read waits, too, even if the client is gone meanwhile.
   */
  hold?(isForWork?: boolean): void;
  release?(isForWork?: boolean): void;
  /** The listener ends clients that take too little; without it the broker does, by what the link says is waiting. */
  readonly cutsSlow?: boolean;
  /** The client was let in. */
  welcomed?(): void;
}
