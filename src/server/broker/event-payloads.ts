import type { ClientRefusal, Envelope, Message } from '../../protocol/index';
import { masked } from '../../protocol/index';
import type { ServerClient, ServerRefusal, Subscriber } from '../domain/index';

/** A client that was let in, as events tell of it. */
export function clientOf({ name = '', dialect, address }: Subscriber): ServerClient {
  return { handle: name, dialect, address };
}

/** A message as events tell of it; its data is parsed when a listener looks at it. */
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

/** A client that is refused, as events tell of it. */
export function refusedOf(
  { name, address }: Subscriber,
  { message, code, handle = name }: ClientRefusal,
): ServerRefusal {
  return { reason: message, code, handle, address };
}
