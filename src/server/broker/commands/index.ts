import type { Command } from './command';
import { listChannels, listClients } from './list';
import { ping } from './ping';
import { send, sendJson, sendRaw } from './publish';
import { quit } from './quit';
import { subscribe } from './subscribe';
import { unsubscribe } from './unsubscribe';

export type { CommandClient } from './command';

const all: readonly Command[] = [
  send,
  sendRaw,
  sendJson,
  subscribe,
  unsubscribe,
  ping,
  listClients,
  listChannels,
  quit,
];

/** All that clients may say, by the verb. A new command is a file beside this one and a line in the list above. */
export const commands: ReadonlyMap<string, Command> = new Map(all.map((command) => [command.verb, command]));
