import { masked } from '../core/handle';
import type { Message } from '../core/message';
import type { Denial } from './admission';
import type { Connection } from './connection';
import type { Envelope } from './envelope';
import type { ServerClient, ServerRefusal } from './server-events';
import { line } from './wording';

/** A client that was let in, as events tell of it. */
export function clientOf({ name = '', dialect, address }: Connection): ServerClient {
  return { handle: name, dialect, address };
}

/** A message as events tell of it; its data is read when somebody looks at it. */
export function messageOf({ recipient, sender, timestamp, data }: Envelope): Message {
  return {
    sender,
    recipient: masked(recipient),
    timestamp,
    get data(): Message['data'] {
      return JSON.parse(data.text);
    },
  };
}

export function refusalOf({ name, address }: Connection, denial: Denial): ServerRefusal {
  // What the client reads, without what is around it.
  const reason = denial.why === 'limit' ? denial.text : line.refusal(denial).slice('error ('.length, -')\n'.length);
  return { reason, handle: 'name' in denial ? denial.name : name, address };
}
