import type { Anything } from '../../protocol/index';
import { stableText } from '../../util/index';
import { type Bounded, createBounds, type NumericOptions } from './bounds';
import type { Origin } from './variable';

/** The value of a variable. */
export class HeldValue {
  /** Whether the variable holds numbers. */
  readonly isNumeric: boolean;
  readonly #options: NumericOptions;
  readonly #bound: (input: number) => Bounded;
  #value: Anything;
  /** The text of the value: what was handed out may be changed by whoever got it. */
  #text: string | undefined;
  #origin: Origin = 'local';

  /** @param first the value that the variable begins with, if there is one */
  constructor(options: NumericOptions, first: unknown) {
    const { min, max, smooth } = options;
    this.#options = options;
    this.#bound = createBounds(options);
    this.isNumeric = !!smooth || [min, max, first].some((one) => typeof one === 'number');
  }

  /** Undefined until there is a value. */
  get value(): Anything {
    return this.#value;
  }

  get origin(): Origin {
    return this.#origin;
  }

  get isKnown(): boolean {
    return this.#text !== undefined;
  }

  /** Whether the variable can hold this value. */
  accepts(value: unknown): boolean {
    return this.isNumeric ? Number.isFinite(value) : value !== undefined && value !== null;
  }

  /** What becomes of a value that is written: what goes to others, and what is kept. */
  bound(value: Anything): readonly [input: Anything, mean: Anything] {
    return this.isNumeric ? this.#bound(value) : [value, value];
  }

  /** Keeps a value; tells whether it is another one. */
  keep(next: unknown, origin: Origin): boolean {
    const text = stableText(next);
    if (text === this.#text) return false;
    this.#text = text;
    this.#value = JSON.parse(text);
    this.#origin = origin;
    return true;
  }

  /** Keeps a value that nobody has set; tells whether it is another one. */
  start(value: Anything): boolean {
    const { min, max } = this.#options;
    // It does not count for the mean.
    const [bounded] = this.isNumeric ? createBounds({ min, max })(value) : [value];
    return this.keep(bounded, 'local');
  }
}
