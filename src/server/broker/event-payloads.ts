import type { Denial, Envelope, Message } from '../../protocol/index';
import { masked } from '../../protocol/index';
import type { Counts } from '../config/index';
import type { ServerClient, ServerEventEmitter, ServerRefusal, Subscriber } from '../domain/index';
import type { SlowConsumerError } from '../flow/index';

/** A client that was let in, as events tell of it. */
export function clientOf({ name = '', dialect, address }: Subscriber): ServerClient {
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

/** Counts and tells that a client loses its connection because it took too little; one that was never let in is nobody's. */
export function tellSlow(
  { counts, news }: { readonly counts: Counts; readonly news: ServerEventEmitter },
  connection: Subscriber,
  { reason, waiting }: SlowConsumerError,
): void {
  if (connection.name === undefined) return;
  counts.slow++;
  news.emit('slow', { ...clientOf(connection), reason, waiting });
}

/** Somebody who is not let in, as events tell of it. */
export function refusedOf({ name, address }: Subscriber, { message, code, handle = name }: Denial): ServerRefusal {
  return { reason: message, code, handle, address };
}
