/** The response to a request, as a whole. */
export interface HttpResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Whether the body is a page of a client. */
  readonly isPage?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response that may be very long: its body is made as it is sent. */
export interface LongResponse extends Pick<HttpResponse, 'status' | 'type'> {
  readonly parts: Iterable<string>;
}

/** Why a request is not carried out, and the response that says what to do. */
export class HttpError extends Error {
  readonly response: HttpResponse;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.response = plainText(status, text, headers);
  }
}

export function plainText(status: number, text: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, headers };
}

export function json(value: unknown, status = 200): HttpResponse {
  return jsonText(JSON.stringify(value), status);
}

export function jsonText(text: string, status = 200): HttpResponse {
  return { status, type: 'application/json', body: `${text}\n` };
}
