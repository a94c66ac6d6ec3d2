/** An answer to a request, as a whole. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Whether the body is a page of a client. */
  readonly isPage?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that may be very long: its body is made as it is sent. */
export interface LongAnswer extends Pick<Answer, 'status' | 'type'> {
  readonly parts: Iterable<string>;
}

/** Why a request is not carried out, as an answer that says what to do. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.answer = plain(status, text, headers);
  }
}

export function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, headers };
}

export function json(value: unknown, status = 200): Answer {
  return jsonText(JSON.stringify(value), status);
}

export function jsonText(text: string, status = 200): Answer {
  return { status, type: 'application/json', body: `${text}\n` };
}
