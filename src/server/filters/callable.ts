import type { Lazy, Value } from './values';

/** A function of the language, in one place of one expression. */
export interface Callable {
  /** Given as many arguments as it takes. */
  call(args: readonly Lazy[]): Value;
}
