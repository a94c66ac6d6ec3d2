import type { ListenOptions, Unsubscribe } from '../../util/index';
import type { Limit } from '../messaging/index';
import type { NumericOptions } from './bounds';

/** Options of every variable. */
export interface CommonOptions<T> {
  /** The value until there is another one; it is not sent. @default `reference` */
  readonly initial?: T | undefined;
  /** The value to go back to when nobody has written for `expire` ms. @default `initial` */
  readonly reference?: T | undefined;
  /** ms after the last write, local or remote, until the value is `reference` again. @default never */
  readonly expire?: number | undefined;
  /** The least time between two sends, in ms; what is set in between is left out, but the last value always leaves. */
  readonly interval?: number | undefined;
  /** How many values of others count within a time; more are left out. */
  readonly limit?: Limit | undefined;
  /**
   * How long the server keeps the value for clients that come later, in s; at most two days. Each message carries all
   * retained variables of the channel, and counts for `smooth`: give a smoothed one a channel of its own.
   */
  readonly retain?: number | undefined;
  /** Given every value, from here or from others, before it counts; what it returns counts. */
  readonly accept?: ((next: T, current: T | undefined) => T) | undefined;
  /** The password of the channel. */
  readonly password?: string | undefined;
}

/** Options of `variable`: bounds and smoothing are for numbers only. */
export type VariableOptions<T> = CommonOptions<T> &
  ([T] extends [number | undefined] ? NumericOptions : { readonly [K in keyof NumericOptions]?: never });

/** Whether a value was set here, or by another client. */
export type Origin = 'local' | 'remote';

/** A value that clients share: whoever sets it, all others of the same channel and key follow. */
export interface Variable<T> extends AsyncIterable<T>, Disposable {
  readonly channel: string;
  readonly key: string;
  /** The value; undefined until there is one. Setting it is {@link Variable.set}. */
  value: T;
  get(): T;
  /**
   * Sets the value here and for all others. An equal value is not sent, except with `smooth`, where each one counts. Of
   * values that clients set at the same time, all end with the same one.
   *
   * @throws TypeError for null, for what JSON cannot carry, and for what is no number where the variable holds numbers
   * @throws RangeError for more than `maxMessage`, alone or together with what else this client retains on the channel
   * @throws OocsiError `closed`
   */
  set(value: T): void;
  /** Calls the listener at once, if there is a value, and on every change. */
  subscribe(listener: (value: T, origin: Origin) => void, options?: ListenOptions): Unsubscribe;
  /** ms since the value was last written, here or by others. */
  readonly age: number;
  /** Stops following others; what was set still leaves. */
  [Symbol.dispose](): void;
}
