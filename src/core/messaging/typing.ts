import type { Anything, Data, Message, Sendable } from '../../protocol/index';

/** Channels that carry anything. A client of any channel map fits a parameter of type `Client`. */
export type AnyChannels = Anything;

/** Services that take and answer anything. */
export type AnyServices = Anything;

/** What arrives on channel `K` of the channel map `C`. */
export type Received<C extends object, K extends string> = K extends keyof C
  ? C[K] extends object
    ? C[K]
    : Data
  : Data;

/** What may be sent to `K`: as the map says, and any object to names that it does not list. */
export type Outgoing<C extends object, K extends string> = string extends keyof C
  ? Sendable
  : K extends keyof C
    ? C[K] & object
    : Sendable;

/** The names that a map lists; none, if it lists all. */
export type Listed<C> = string extends keyof C ? never : keyof C & string;

/** A name that a map does not list: those that it lists have types of their own. */
export type Unlisted<K, C> = K & (K extends Listed<C> ? never : unknown);

/** What service `N` of the service map `S` is given. */
export type Requested<S, N extends string> =
  N extends Listed<S> ? (S[N] extends (...args: infer A) => unknown ? A[0] : never) : Sendable | undefined;

/** What service `N` answers. */
export type Answered<S, N extends string> =
  N extends Listed<S> ? (S[N] extends (...args: never) => infer R ? Awaited<R> : never) : Anything;

/** What follows the name in a call: the data may be left out where the service needs none. */
export type CallArguments<D, O> = undefined extends D ? [data?: D, options?: O] : [data: D, options?: O];

/** Answers a call, now or later. What it throws reaches the caller. */
export type Responder<D, R> = (
  data: D extends object ? Readonly<D> : Data,
  request: Message<D extends object ? D : Data>,
) => R | Promise<R>;

/** What a responder may answer where nothing is known of the service. */
// biome-ignore lint/suspicious/noConfusingVoidType: a responder need not return anything.
export type AnyAnswer = Sendable | void;

/** What service `N` has to answer. */
export type Answer<S, N extends string> = N extends Listed<S> ? Answered<S, N> : AnyAnswer;

/** The answers to a call, as a loop. */
export type Answers<R> = AsyncIterableIterator<Message<R extends object ? R : Data>, undefined>;
