import type { Command } from './command';

/** `ping`: asks the server for a sign of life. */
export const ping: Command = {
  verb: 'ping',
  dialects: ['line'],
  run(_context, client) {
    client.answer('.');
  },
};
