import type { Callable } from './callable';
import { widestWindow } from './limits';
import { failed, isFailed, numberOf, sound } from './values';

/** What a window makes of its values, of which there is one at least. */
type Summary = (values: readonly number[], width: number) => number;

const total: Summary = (values) => values.reduce((sum, value) => sum + value, 0);

/** Divides by the window even while it fills up, as at the reference server: a new mean starts low. */
const mean: Summary = (values, width) => total(values, width) / width;

const deviation: Summary = (values, width) => {
  const middle = mean(values, width);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / width);
};

/** Functions that remember the values of messages before; each place that calls one needs a window of its own. */
export const windows: readonly (readonly [name: string, create: () => Callable])[] = [
  ['sum', () => createWindow(total)],
  ['mean', () => createWindow(mean)],
  ['stdev', () => createWindow(deviation)],
  ['emin', () => createWindow((values) => Math.min(...values))],
  ['emax', () => createWindow((values) => Math.max(...values))],
];

function createWindow(summary: Summary): Callable {
  const values: number[] = [];
  let width: number | undefined;
  return {
    call([first, second]) {
      const [value, wanted] = [numberOf(first?.() ?? null), numberOf(second?.() ?? null)];
      // As at the reference server, the first message settles the width; there, a width below 1 stops everything.
      width ??= wanted >= 1 ? Math.min(Math.trunc(wanted), widestWindow) : undefined;
      if (width === undefined || isFailed(value) || isFailed(wanted)) return failed;
      values.push(value);
      if (values.length > width) values.shift();
      return sound(summary(values, width));
    },
  };
}
