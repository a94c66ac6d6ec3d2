import type { Command } from './command';

/** `quit`: the client leaves. */
export const quit: Command = {
  verb: 'quit',
  dialects: ['line'],
  run(_context, client, text) {
    if (text === '') client.end(client.wording.bye, 'left');
  },
};
