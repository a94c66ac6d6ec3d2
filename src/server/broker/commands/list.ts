import { listLine } from '../../../protocol/index';
import type { Command } from './command';

/** `clients`: the handles of all clients. */
export const listClients: Command = {
  verb: 'clients',
  dialects: ['line'],
  run({ directory }, client) {
    client.answer(listLine(directory.clients(), ','));
  },
};

/** `channels`: all channels and clients; `channels NAME`: the clients in one of them. Without any there is no answer. */
export const listChannels: Command = {
  verb: 'channels',
  dialects: ['line'],
  run({ directory }, client, text) {
    const names = text === '' ? directory.channels() : directory.members(text);
    if (names.length > 0) client.answer(listLine(names, ', '));
  },
};
