import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** How a body is compressed on its way, as `Content-Encoding` says it. */
export type Coding = 'br' | 'gzip';

/** A body in the form in which it is sent. */
export interface Coded {
  readonly body: Buffer;
  /** Undefined when the body is sent as it is. */
  readonly coding: Coding | undefined;
  /** Changes with the content and the coding, in quotes as `ETag` has it. */
  readonly tag: string;
}

/** A body that is shorter is not worth it, in bytes. */
const shortest = 1_024;
/** How many bodies are kept compressed; more than the files of this package are. */
const mostKept = 128;

const compressible = /^(text\/|application\/json|image\/svg\+xml)/;

const compress: Readonly<Record<Coding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body) => promisify(gzip)(body, { level: 9 }),
};

/**
 * The best coding that a client accepts.
 *
 * @param accepted the header `Accept-Encoding`
 * @example
 * codingFor('gzip, br;q=0.5'); //=> 'br'
 * codingFor('br;q=0, gzip'); //=> 'gzip'
 */
export function codingFor(accepted: string | undefined): Coding | undefined {
  const qualities = new Map(
    (accepted ?? '').split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const quality = parameters.find((text) => text.startsWith('q='));
      return [name, quality === undefined ? 1 : Number(quality.slice(2))] as const;
    }),
  );
  const accepts = (coding: Coding): boolean => (qualities.get(coding) ?? qualities.get('*') ?? 0) > 0;
  return (['br', 'gzip'] as const).find(accepts);
}

/** Compresses each body once for each coding, and keeps the newest ones. */
export function createCoder(): (type: string, body: Buffer, accepted: string | undefined) => Promise<Coded> {
  const kept = new Map<string, Promise<Buffer>>();

  function compressed(body: Buffer, coding: Coding, key: string): Promise<Buffer> {
    const known = kept.get(key);
    if (known) return known;
    const result = compress[coding](body);
    kept.set(key, result);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return result;
  }

  return async (type, body, accepted) => {
    const content = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    const coding = body.length < shortest || !compressible.test(type) ? undefined : codingFor(accepted);
    if (coding === undefined) return { body, coding, tag: `"${content}"` };
    const tag = `"${content}-${coding}"`;
    return { body: await compressed(body, coding, tag), coding, tag };
  };
}

/**
 * Whether a client has this already.
 *
 * @param known the header `If-None-Match`
 */
export function isKnown(tag: string, known: string | undefined): boolean {
  return known?.split(',').some((one) => [tag, `W/${tag}`, '*'].includes(one.trim())) ?? false;
}
