import { type Anything, checkRecipient, type Incoming, protocolKey, withPassword } from '../../protocol/index';
import { checkListener, checkNumbers, checkOptions, refuse, withBoundMethods } from '../../util/index';
import type { ClientContext, WaitOptions } from '../messaging/index';
import type { NumericOptions } from './bounds';
import { type SharedOptions, SharedVariable } from './shared-variable';
import type { CommonOptions, Variable } from './variable';
import { type ChannelVariable, VariableChannel, type VariableHost } from './variable-channel';
import { setKey } from './versions';

/** Its own verbs may be taken off it, as in `useSyncExternalStore(variable.subscribe, variable.get)`. */
const OpenVariable = /* @__PURE__ */ withBoundMethods(SharedVariable, ['get', 'set', 'subscribe']);

const numericOptions: readonly (keyof NumericOptions)[] = ['min', 'max', 'smooth'];
const variableOptions: readonly (keyof CommonOptions<unknown>)[] = [
  'initial',
  'reference',
  'expire',
  'interval',
  'limit',
  'retain',
  'accept',
  'password',
];

/** The variables of a client. */
export interface Variables {
  open(channel: string, key: string, options?: SharedOptions): Variable<Anything>;
  /** Sends what waits for its interval. */
  drain(): void;
}

export function createVariables(context: ClientContext, flush: (options: WaitOptions) => Promise<void>): Variables {
  const variables = new ClientVariables(context, flush);
  return {
    open: (channel, key, options) => variables.open(channel, key, options),
    drain: () => variables.drain(),
  };
}

class ClientVariables implements VariableHost {
  readonly context: ClientContext;
  readonly flush: (options: WaitOptions) => Promise<void>;
  /** By their names on the wire. */
  readonly #channels = new Map<string, VariableChannel>();
  #stamped: Incoming | undefined;

  constructor(context: ClientContext, flush: (options: WaitOptions) => Promise<void>) {
    this.context = context;
    this.flush = flush;
    context.session.divert((incoming) => this.#note(incoming));
    context.events.when('closed', () => {
      for (const variable of this.#all()) variable[Symbol.dispose]();
    });
  }

  get stamped(): Incoming | undefined {
    return this.#stamped;
  }

  open(channel: string, key: string, options: SharedOptions = {}): Variable<Anything> {
    this.context.session.check();
    checkVariable(key, options);
    // What has functions can be listened to only.
    checkRecipient('channel', channel);
    const { password } = options;
    this.context.checkMeant(channel, password);
    const wireName = withPassword(channel, { password });
    const variables = this.#channels.get(wireName) ?? new VariableChannel(this, wireName);
    const closed = (): void => {
      if (variables.size === 0) this.#channels.delete(wireName);
    };
    const variable = new OpenVariable(variables, { channel, key }, { ...options }, closed);
    this.#channels.set(wireName, variables);
    return variable;
  }

  drain(): void {
    for (const variable of this.#all()) variable.drain();
  }

  *#all(): Generator<ChannelVariable> {
    for (const channel of this.#channels.values()) yield* channel.variables();
  }

  /** Takes note of a message that says when its values were set; its channel hears of it all the same. */
  #note(incoming: Incoming): boolean {
    if (incoming.wireKeys.has(setKey)) this.#stamped = incoming;
    return false;
  }
}

function checkVariable(key: string, options: SharedOptions): void {
  checkOptions(options, [...variableOptions, ...numericOptions]);
  const { initial, reference = initial, expire, interval, retain, accept, smooth } = options;
  checkNumbers({ expire, interval, retain });
  if (accept) checkListener('accept', accept);
  if (!key || protocolKey.test(key)) {
    refuse('key', key, ': use a name such as color; those in capitals after "_" are the protocol\'s');
  }
  if (smooth && interval) refuse('interval', interval, ' with smooth: use one of them');
  if (expire !== undefined && expire < Infinity && reference === undefined) {
    refuse('expire', expire, ' without reference: say which value to go back to');
  }
}
