import { channelName, isName, isSystemChannel, splitPassword, watchedName } from '../../../protocol/index';
import { problemOf, splitFunctions } from '../../filters/index';
import type { BrokerContext } from '../context';
import { clientOf } from '../event-payloads';
import type { Command, CommandClient } from './command';

const errors = {
  presence: 'presence not accepted: only names of A-Z, a-z, 0-9, _ and - have one',
  functions: 'functions not closed: use NAME[filter(EXPRESSION)]',
  channel: 'channel not accepted: its name has white space or control characters',
} as const;

/** `subscribe NAME`, `subscribe NAME:PASSWORD`, `subscribe NAME[FUNCTIONS]` and `subscribe presence(NAME)`. */
export const subscribe: Command = {
  verb: 'subscribe',
  dialects: ['line', 'web'],
  run(context, client, text) {
    if (!isName(text)) return;
    const watched = watchedName(text);
    if (watched !== undefined) watch(context, client, watched);
    else if (text.startsWith('presence(')) client.error(errors.presence);
    else subscribeToChannel(context, client, text);
  },
};

function watch({ presence, quotas }: BrokerContext, client: CommandClient, name: string): void {
  if (presence.isWatched(name, client)) return;
  const error = quotas.name(name) ?? quotas.subscription(client, true);
  if (error) client.error(error);
  else presence.watch(client, name);
}

function subscribeToChannel(context: BrokerContext, client: CommandClient, text: string): void {
  const { channels, filters, quotas, events } = context;
  const asked = splitFunctions(text);
  if (!asked) return client.error(errors.functions);
  const [name] = splitPassword(asked.channel);
  if (!channelName.test(name)) return client.error(errors.channel);
  if (!isOpenTo(context, client, asked.channel)) return;
  const error = quotas.name(asked.channel) ?? quotas.subscription(client, !channels.has(name));
  if (error) return client.error(error);
  // As at the Java server, the subscription counts all the same: a filter that cannot be read lets nothing through.
  const problem = asked.functions === undefined ? undefined : problemOf(asked.functions);
  if (problem !== undefined) client.error(problem);
  filters.set(name, client, asked.functions);
  if (channels.subscribe(client, asked.channel)) events.emit('subscribe', clientOf(client), name);
  else filters.drop(name, client);
}

/** Whether there is something to subscribe to; a client that may not, or has done so, is told nothing. */
function isOpenTo({ registry, accounts, channels }: BrokerContext, client: CommandClient, channel: string): boolean {
  const [name, password] = splitPassword(channel);
  // A handle is a channel of its own: only its client gets what is sent there.
  if (registry.has(name) || accounts.has(name)) return false;
  // The first subscriber could set a password, and keep all others from a channel of the server.
  if (password !== undefined && isSystemChannel(name)) return false;
  // One subscription per client and channel, plain or with functions: the first one counts.
  return !channels.find(channel)?.members.has(client);
}
