import { Envelope, emptyData, isName, isServersOwn, type ServerData, textData, words } from '../../../protocol/index';
import { readTiming, type Timing } from '../../features/index';
import type { BrokerContext } from '../context';
import { messageOf } from '../event-payloads';
import type { Command, CommandClient } from './command';

/** `send RECIPIENT DATA`, where DATA is a JSON object; what is none arrives as an empty one. */
export const send: Command = { verb: 'send', dialects: ['line'], isMessage: true, run: runPublish };

/** `sendjson RECIPIENT DATA`: the same, for both dialects. */
export const sendJson: Command = { verb: 'sendjson', dialects: ['line', 'web'], isMessage: true, run: runPublish };

/** `sendraw RECIPIENT TEXT`: text that is no object arrives under the key `data`. */
export const sendRaw: Command = {
  verb: 'sendraw',
  dialects: ['line'],
  isMessage: true,
  run(context, client, text) {
    const { verb: recipient, rest: body } = words(text);
    if (body === '' || !isName(recipient)) return;
    publish(context, client, recipient, body.startsWith('{') ? client.readData(body) : textData(body));
  },
};

function runPublish(context: BrokerContext, client: CommandClient, text: string): void {
  const { verb: recipient, rest: body } = words(text);
  if (body === '' || !isName(recipient)) return;
  publish(context, client, recipient, body.startsWith('{') ? client.readData(body) : emptyData);
}

function publish(context: BrokerContext, sender: CommandClient, recipient: string, data: ServerData): void {
  const { clock, counts, events, quotas } = context;
  counts.messagesIn++;
  const error = quotas.name(recipient);
  if (error !== undefined) sender.error(error);
  if (error !== undefined || isServersOwn(recipient)) {
    counts.dropped++;
    return;
  }
  const now = clock.now();
  const timing = readTiming(data, now);
  const isHeld = timing.due !== undefined || timing.keepFor !== undefined;
  const owners = isHeld ? quotas.ownersOf(sender) : undefined;
  const envelope = new Envelope(recipient, sender.name ?? '', timing.due ?? now, data, owners);
  if (events.hasListeners('message')) events.emit('message', messageOf(envelope));
  if (isHeld) deliverWithin(context, sender, envelope, { now, ...timing });
  else deliver(context, sender, envelope, undefined);
}

/** What cannot be kept is delivered all the same; what cannot wait would come at the wrong time. */
function deliverWithin(
  context: BrokerContext,
  sender: CommandClient,
  envelope: Envelope,
  { due, keepFor, now }: Timing & { readonly now: number },
): void {
  const { quotas, messageScheduler, counts } = context;
  const cannotKeep = keepFor === undefined ? undefined : quotas.keep(envelope);
  const cannotWait = due === undefined ? undefined : quotas.delay(envelope, due, now);
  const error = cannotWait ?? cannotKeep;
  if (error) sender.error(error);
  const kept = cannotKeep ? undefined : keepFor;
  if (cannotWait) counts.dropped++;
  else if (due === undefined) deliver(context, sender, envelope, kept);
  else messageScheduler.hold(envelope, kept);
}

function deliver(context: BrokerContext, sender: CommandClient, envelope: Envelope, keepFor: number | undefined): void {
  const error = context.deliver(envelope, keepFor, sender);
  if (error === undefined) return;
  context.counts.dropped++;
  sender.error(error);
}
