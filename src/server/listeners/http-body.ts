import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../util/index';
import { type Budget, Pieces } from '../flow/index';
import { HttpError } from '../http/index';

/** The longest body of a request, in bytes. */
const longestBody = 2 ** 16;
/** How long it may take to arrive, in ms. */
const arriveWithin = 10_000;
/** From so many pieces on, they must have {@link meanLength} bytes each on average: a piece costs far more than a byte. */
const piecesUncounted = 1_000;
const meanLength = 16;

/** @throws HttpError when it is too long, takes too long, or is no text */
export async function readBody(request: IncomingMessage, clock: Clock, budget: Budget): Promise<string> {
  const coding = request.headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity') throw new HttpError(415, `Send the body as it is, not in ${coding}.`);
  if (Number(request.headers['content-length'] ?? 0) > longestBody) throw tooLong();
  const pieces = new Pieces();
  let length = 0;
  let count = 0;
  const forgetBuffers = budget.add({
    get own() {
      return length;
    },
    cut: (reason) => request.destroy(new Error(reason)),
  });
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.after(arriveWithin, () => {
      const text = `The body did not arrive within ${arriveWithin / 1_000} s.`;
      reject(new HttpError(408, text, { Connection: 'close' }));
    });
    request.on('data', (piece: Buffer) => {
      length += piece.length;
      count++;
      budget.grew(piece.length);
      if (length > longestBody) reject(tooLong());
      else if (count > piecesUncounted && length < count * meanLength) reject(tooManyPieces());
      else pieces.add(piece);
    });
    request.once('end', resolve);
    request.once('close', () => {
      cancel();
      reject(new HttpError(400, 'The body has no end.'));
    });
  }).finally(forgetBuffers);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces.all()));
  } catch {
    throw new HttpError(400, 'The body must be text in UTF-8.');
  }
}

function tooLong(): HttpError {
  return new HttpError(413, `The body is longer than ${longestBody} bytes.`);
}

function tooManyPieces(): HttpError {
  const text = `The body comes in more than ${piecesUncounted} pieces of less than ${meanLength} bytes: send larger ones.`;
  return new HttpError(400, text, { Connection: 'close' });
}
