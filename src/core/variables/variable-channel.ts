import { type Anything, type Incoming, masked, OocsiError, textOf } from '../../protocol/index';
import type { ClientContext, WaitOptions } from '../messaging/index';
import type { Origin } from './variable';
import { type KeyVersion, keptKey } from './versions';

/** What the variables of one client have in common. */
export interface VariableHost {
  readonly context: ClientContext;
  /** The newest message that says when its values were set: listeners hear of it next. */
  readonly stamped: Incoming | undefined;
  /** Resolves when the server has dealt with all that was sent before. */
  flush(options: WaitOptions): Promise<void>;
}

/** A variable, as the others on its channel know it. */
export interface ChannelVariable extends Disposable {
  readonly channel: string;
  readonly key: string;
  /** What all variables of its key have in common. */
  readonly version: KeyVersion;
  readonly value: unknown;
  readonly origin: Origin;
  /** Whether a value of it is still to leave. */
  readonly isWaiting: boolean;
  /** How long the server is to keep its value, in s: 0 before there is one, and when it has expired. */
  readonly keptFor: number;
  /** What went out last, or came in. */
  readonly current: unknown;
  /** Takes over what another variable of the same key sends. */
  follow(current: unknown): void;
  /** Takes over what another variable of the same key began with, when there is no value yet. */
  begin(value: unknown): void;
  /** Sends what waits for its interval. */
  drain(): void;
}

/** The variables of one client on one channel: the server keeps one message for all of them. */
export class VariableChannel {
  readonly host: VariableHost;
  /** The name of the channel on the wire, with its password. */
  readonly wireName: string;
  readonly #context: ClientContext;
  readonly #variables = new Set<ChannelVariable>();

  constructor(host: VariableHost, wireName: string) {
    this.host = host;
    this.#context = host.context;
    this.wireName = wireName;
  }

  get size(): number {
    return this.#variables.size;
  }

  variables(): Iterable<ChannelVariable> {
    return this.#variables;
  }

  has(variable: ChannelVariable): boolean {
    return this.#variables.has(variable);
  }

  add(variable: ChannelVariable): void {
    this.#variables.add(variable);
  }

  delete(variable: ChannelVariable): void {
    this.#variables.delete(variable);
  }

  ofKey(key: string): ChannelVariable[] {
    return [...this.#variables].filter((variable) => variable.key === key);
  }

  /** Whether a value of the key is still to leave: then it will be newer than what comes in. */
  isWaiting(key: string): boolean {
    for (const variable of this.#variables) if (variable.key === key && variable.isWaiting) return true;
    return false;
  }

  /** Makes the other variables of its key take over what a variable sends. */
  lead(variable: ChannelVariable): void {
    for (const other of this.#variables) {
      if (other !== variable && other.key === variable.key) other.follow(variable.current);
    }
  }

  /** The variables of other keys that the server is to keep together with a retained one. */
  keptBeside(key: string): ChannelVariable[] {
    return [...this.#variables].filter((variable) => variable.keptFor && variable.key !== key);
  }

  /** The value as JSON carries it. @throws TypeError, RangeError for what JSON or a message cannot carry */
  asCarried(key: string, value: unknown): Anything {
    return JSON.parse(this.#context.compose(this.wireName, { [key]: value }).json)[key];
  }

  /** Throws before anything has changed when what is set here is too much for the one message that a server keeps. */
  checkTogether(variable: ChannelVariable, next: unknown): void {
    const own = this.keptBeside(variable.key).filter(isOwn);
    if (own.length === 0) return;
    try {
      this.#context.compose(this.wireName, { ...dataOf(own), [variable.key]: next });
    } catch (cause) {
      throw new RangeError(`${tooMuch(variable, cause)}. Give it a channel of its own.`, { cause });
    }
  }

  /**
   * A message of a variable as JSON, with as much of the `kept` ones as fits: what others set may be too much.
   *
   * @param extra keys of the protocol
   */
  encode(variable: ChannelVariable, kept: readonly ChannelVariable[], extra: object): string {
    const { key, current } = variable;
    const data = { ...dataOf(kept), [key]: current };
    try {
      return this.#context.compose(this.wireName, data, { ...extra, ...stampsOf(kept) }).json;
    } catch (cause) {
      this.#context.events.error(
        new OocsiError('invalid', `${tooMuch(variable, cause)}. Some of that is not kept.`, { cause }),
      );
      if (kept.every(isOwn)) return JSON.stringify({ [key]: current, ...extra });
      return this.encode(variable, kept.filter(isOwn), extra);
    }
  }
}

/** What variables send, by their keys. */
export function dataOf(variables: readonly ChannelVariable[]): Record<string, unknown> {
  return Object.fromEntries(variables.map(({ key, current }) => [key, current]));
}

/** When what is only sent again was set, and by which client. */
function stampsOf(variables: readonly ChannelVariable[]): object {
  const stamps = variables.map(({ key, version }) => [key, version.stamp]);
  return variables.length > 0 ? { [keptKey]: Object.fromEntries(stamps) } : {};
}

function isOwn({ origin }: ChannelVariable): boolean {
  return origin === 'local';
}

function tooMuch({ channel, key }: ChannelVariable, cause: unknown): string {
  const limit = textOf(cause);
  return `${key} does not fit into one message with what else is retained on ${masked(channel)}: ${limit}`;
}
