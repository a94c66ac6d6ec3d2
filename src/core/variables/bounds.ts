import { checkNumbers, checkOptions } from '../../util/index';

/** Options of variables that hold numbers. */
export interface NumericOptions {
  /** Smaller values become this one. */
  readonly min?: number | undefined;
  /** Greater values become this one. */
  readonly max?: number | undefined;
  /**
   * The value is the mean of the last `window` ones; one that is further than `sigma` from the mean so far is moved close
   * to it. It moves with each `set`, and arrives after `window` of them; the first one counts in full.
   */
  readonly smooth?: { readonly window: number; readonly sigma?: number | undefined } | undefined;
}

/** What becomes of a value: what goes to others, and what is kept; without smoothing they are equal. */
export type Bounded = readonly [input: number, mean: number];

/**
 * Bounds and smoothes values by the rules of the Java client's `OOCSIFloat`, so that both reach the same numbers: first `min` and
 * `max`, then `sigma`, which moves a value that is too far off to `sigma / n` from the mean of the n values so far.
 *
 * @throws RangeError, TypeError when the options cannot be meant
 */
export function createBounds({
  min = -Infinity,
  max = Infinity,
  smooth = { window: 1 },
}: NumericOptions): (input: number) => Bounded {
  checkNumbers({ min }, -Infinity);
  checkNumbers({ max }, min);
  checkOptions(smooth, ['window', 'sigma'], 'smooth');
  const { window, sigma = Infinity } = smooth;
  checkNumbers({ window: window ?? 0 }, 1);
  checkNumbers({ sigma });
  let values: readonly number[] = [];
  let mean: number | undefined;
  return (given) => {
    let input = Math.min(Math.max(given, min), max);
    if (mean !== undefined && Math.abs(mean - input) > sigma) {
      input = mean - (Math.sign(mean - input) * sigma) / values.length;
    }
    // Without smoothing there is one value, and the mean of one is itself.
    values = [...values, input].slice(-window);
    mean = values.reduce((sum, value) => sum + value) / values.length;
    return [input, mean];
  };
}
