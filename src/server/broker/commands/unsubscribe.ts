import { isName, watchedName } from '../../../protocol/index';
import { splitFunctions } from '../../filters/index';
import type { Command } from './command';

/** `unsubscribe NAME`, with or without the functions and the password, and `unsubscribe presence(NAME)`. */
export const unsubscribe: Command = {
  verb: 'unsubscribe',
  dialects: ['line', 'web'],
  run({ channels, presence, directory, eventLog }, client, text) {
    if (!isName(text)) return;
    const watched = watchedName(text);
    if (watched !== undefined) return presence.unwatch(client, watched);
    const channel = channels.unsubscribe(client, splitFunctions(text)?.channel ?? text);
    const name = directory.publicName(client);
    if (!channel || channel.password !== undefined || name === undefined) return;
    eventLog.logConnection(name, channel.name, 'unsubscribed');
  },
};
