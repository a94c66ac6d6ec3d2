import type { RefusalCode } from '../protocol/index';
import { type ErrorCode, type ErrorDetails, OocsiError } from '../protocol/index';

/** What a web server answered that was asked for a WebSocket and opened none. */
export interface HttpAnswer {
  readonly status: number;
  /** What it says in words, or where a redirect leads: `: too many connections`, `, to https://…`. */
  readonly more?: string;
  /** Why it takes nobody, where its words say so. */
  readonly refusal?: RefusalCode | undefined;
}

/** What an answer means that web servers in front of an OOCSI server give, or full ones; undefined for any other. */
export function whyDeclined(
  url: URL,
  { status, more = '', refusal }: HttpAnswer,
  cause: unknown,
): OocsiError | undefined {
  const shown = `HTTP ${status}${more}`;
  const error = (code: ErrorCode, text: string, why?: RefusalCode): OocsiError =>
    new OocsiError(code, text, { cause, details: { httpStatus: status, ...(why && { refusal: why }) } });
  switch (status) {
    case 401:
    case 403:
      return error('refused', `The web server at ${url} does not let this client in (${shown}).`);
    case 429:
    case 503:
      return error(
        'refused',
        `${url} takes no more clients now (${shown}). Try again later.`,
        refusal ?? 'unavailable',
      );
    case 502:
    case 504:
      return error('unreachable', `A proxy answers at ${url}, but the server behind it does not (${shown}).`);
  }
  if (status >= 300 && status < 400) return error('protocol', `${url} leads elsewhere (${shown}). Use that address.`);
  return undefined;
}

/** Something answers, but nothing that speaks OOCSI. */
export function noOocsi(
  url: URL,
  shown: string,
  options: { cause: unknown; details?: ErrorDetails },
): OocsiError<'protocol'> {
  const hint = url.port === '4444' ? ' 4444 is usually the port for TCP: try 9000, or tcp:// in Node.' : '';
  return new OocsiError(
    'protocol',
    `Something answers at ${url.host}, but ${url} is no OOCSI server (${shown}). Check port and path.${hint}`,
    options,
  );
}
