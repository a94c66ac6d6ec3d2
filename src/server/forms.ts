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

type Tell = (client: Connection, envelope: Envelope) => void;

export function createForms(): Forms {
  const byChannel = new Map<string, { readonly forms: Map<Connection, Form>; readonly tell: Tell }>();

  function drop(channel: string, client: Connection): void {
    const forms = byChannel.get(channel)?.forms;
    if (forms?.delete(client) && forms.size === 0) byChannel.delete(channel);
  }

  function open(channel: string): Map<Connection, Form> {
    const forms = new Map<Connection, Form>();
    byChannel.set(channel, { forms, tell: createTell(forms) });
    return forms;
  }

  return {
    set(channel, client, text) {
      if (text === undefined) return drop(channel, client);
      const forms = byChannel.get(channel)?.forms ?? open(channel);
      forms.set(client, { text, functions: createFunctions(text) });
    },
    drop,
    teller: (channel) => byChannel.get(channel)?.tell ?? tellPlain,
  };
}

function createTell(forms: ReadonlyMap<Connection, Form>): Tell {
  /** What the last message became, by the text of the functions. */
  const shaped = new Map<string, Envelope>();
  let last: Envelope | undefined;

  return (client, envelope) => {
    const form = forms.get(client);
    if (!form) return client.tell(envelope);
    if (envelope !== last) shaped.clear();
    last = envelope;
    const data = form.functions.apply(envelope.data);
    if (!data) return;
    // Windows that opened at different times may make different things of one message.
    let own = shaped.get(form.text);
    if (own?.data.text !== data.text) {
      own = new Envelope(`${envelope.recipient}[${form.text}]`, envelope.sender, envelope.timestamp, data);
      shaped.set(form.text, own);
    }
    client.tell(own);
  };
}

const tellPlain: Tell = (client, envelope) => client.tell(envelope);
