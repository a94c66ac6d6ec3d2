/** The middle of some numbers. @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A value such that `share` of the numbers are not above it. @type {(numbers: ArrayLike<number>, share: number) => number} */
export function quantile(numbers, share) {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * `a` to `b`, round by round: rounds that lie side by side saw the same weather. `least` and `most` leave a tenth of the
 * rounds on either side; of up to ten rounds they leave at most one.
 *
 * @type {(a: readonly number[], b: readonly number[]) => { median: number, least: number, most: number }}
 */
export function ratio(a, b) {
  const ratios = a.map((value, round) => value / b[round]);
  return { median: median(ratios), least: quantile(ratios, 0.1), most: quantile(ratios, 0.9) };
}

/** A number as people read it: three digits count, but every byte does. @param {number} value @param {string} [unit] */
export function shown(value, unit) {
  const rounded = unit === 'bytes' ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: 5 });
}
