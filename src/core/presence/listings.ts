import type { Message } from '../../protocol/index';
import { checkName } from '../../protocol/index';
import { checkOptions } from '../../util/index';
import type { ClientContext, WaitOptions } from '../messaging/index';

/**
 * The names that the server lists: clients, channels, or the members of one channel. Where the dialect has questions, they
 * are asked; else the list is read from the system channel that tells it once a second.
 */
export async function list(
  context: ClientContext,
  kind: 'clients' | 'channels',
  options: WaitOptions = {},
  channel?: string,
): Promise<string[]> {
  checkOptions(options, ['timeout', 'signal']);
  const { session } = context;
  // Over WebSocket the password would become a part of the question, and lock out others.
  if (!session.canAsk && channel) checkName('channel', channel, /^[^:]+$/, ': leave out the password');
  const system = channel ? `${channel}/?` : `OOCSI_${kind}`;
  const names = await context.first<unknown>(
    () => 'The server did not answer',
    options,
    (push, _form, end) =>
      session.ask(channel ? `${kind} ${channel}` : kind, push, (lost) => end(session.shown.cause ?? lost)) ??
      context.listen(system, ({ data }: Message) => typeof data[kind] === 'string' && push(data[kind])),
  );
  // The system channel is there because it was asked.
  return `${names}`.split(kind === 'clients' ? ',' : ', ').filter((name) => name && name !== system);
}
