import type { Connection } from './connection';
import { Envelope } from './envelope';
import { type ChannelFunctions, createFunctions } from './functions/functions';

/** The form in which a client is subscribed to a channel: with functions that shape what it gets. */
interface Form {
  readonly text: string;
  readonly functions: ChannelFunctions;
}

/** The subscriptions with functions, `NAME[filter(…);transform(…)]`, of all clients. */
export interface Forms {
  /** The form of the next subscription of a client to a channel; undefined for a plain one. */
  set(channel: string, client: Connection, functions: string | undefined): void;
  drop(channel: string, client: Connection): void;
  /** How the clients of a channel get a message: those with functions as these shape it, if at all. */
  teller(channel: string): (client: Connection, envelope: Envelope) => void;
}

export function createForms(): Forms {
  const byChannel = new Map<string, Map<Connection, Form>>();

  function drop(channel: string, client: Connection): void {
    const forms = byChannel.get(channel);
    if (forms?.delete(client) && forms.size === 0) byChannel.delete(channel);
  }

  return {
    set(channel, client, text) {
      if (text === undefined) return drop(channel, client);
      const forms = byChannel.get(channel) ?? new Map<Connection, Form>();
      byChannel.set(channel, forms.set(client, { text, functions: createFunctions(text) }));
    },
    drop,
    teller(channel) {
      const forms = byChannel.get(channel);
      if (!forms) return tell;
      return (client, envelope) => {
        const form = forms.get(client);
        if (!form) return client.tell(envelope);
        const { recipient, sender, timestamp } = envelope;
        const data = form.functions.apply(envelope.data);
        if (data) client.tell(new Envelope(`${recipient}[${form.text}]`, sender, timestamp, data));
      };
    },
  };
}

function tell(client: Connection, envelope: Envelope): void {
  client.tell(envelope);
}
