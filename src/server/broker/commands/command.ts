import type { Dialect, ServerData } from '../../../protocol/index';
import type { Subscriber } from '../../domain/index';
import type { BrokerContext } from '../context';

/** The client that gave a command. */
export interface CommandClient extends Subscriber {
  /** Answers a question of the client. */
  answer(text: string): void;
  /** Tells the client why it does not get what it asked for. */
  error(text: string): void;
  /** Reads the data of a message; quicker than elsewhere when the client sends the same keys again and again. */
  readData(text: string): ServerData;
}

/** Something that a client may say once it is let in: see PROTOCOL.md for what each one does. */
export interface Command {
  /** The first word of the command. */
  readonly verb: string;
  readonly dialects: readonly Dialect[];
  /** Whether it only sends a message: many in a row are delivered together, and they may be longer than other commands. */
  readonly isMessage?: true;
  /** Reads what comes behind the verb and a blank, and carries the command out. */
  run(context: BrokerContext, client: CommandClient, text: string): void;
}
