/** A request, as far as answers depend on it. */
export interface HttpRequest {
  readonly method: string;
  /** The path, cut at its slashes and then decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** What the body is said to be, such as `application/json`; empty when nothing is said. */
  readonly type: string;
  /** Whether the answer is to be JSON, whatever else it could be. */
  readonly wantsJson: boolean;
  /** Where it comes from, such as `192.168.1.7`. */
  readonly address: string;
  /** Aborts when nobody waits for the answer any longer. */
  readonly gone: AbortSignal;
  /** Reads the body. @throws HttpError when it is too long, takes too long, or is no text */
  body(): Promise<string>;
}
