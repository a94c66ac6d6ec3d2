import { Envelope } from '../../protocol/index';
import type { Subscriber } from '../domain/index';
import { type ChannelFunctions, createFunctions, type Members, membersOf } from './functions';

/** The form in which a client is subscribed to a channel: with functions that shape what it gets. */
interface Form {
  readonly text: string;
  readonly functions: ChannelFunctions;
}

/** The subscriptions with functions, `NAME[filter(…);transform(…)]`, of all clients. */
export interface Forms {
  /** The form of the next subscription of a client to a channel; undefined for a plain one. */
  set(channel: string, client: Subscriber, functions: string | undefined): void;
  drop(channel: string, client: Subscriber): void;
  /** Whether any client of a channel is subscribed with functions. */
  has(channel: string): boolean;
  /** How the clients of a channel get one message: those with functions as these shape it, if at all. */
  teller(channel: string): (client: Subscriber, envelope: Envelope) => void;
}

type Tell = (client: Subscriber, envelope: Envelope) => void;

export function createForms(): Forms {
  const byChannel = new Map<string, Map<Subscriber, Form>>();

  function drop(channel: string, client: Subscriber): void {
    const forms = byChannel.get(channel);
    if (forms?.delete(client) && forms.size === 0) byChannel.delete(channel);
  }

  function open(channel: string): Map<Subscriber, Form> {
    const forms = new Map<Subscriber, Form>();
    byChannel.set(channel, forms);
    return forms;
  }

  return {
    set(channel, client, text) {
      if (text === undefined) return drop(channel, client);
      const forms = byChannel.get(channel) ?? open(channel);
      forms.set(client, { text, functions: createFunctions(text) });
    },
    drop,
    has: (channel) => byChannel.has(channel),
    teller(channel) {
      const forms = byChannel.get(channel);
      return forms ? createTell(forms) : tellPlain;
    },
  };
}

/** To be made anew for each message, so that nothing of it stays. */
function createTell(forms: ReadonlyMap<Subscriber, Form>): Tell {
  /** What the message became, by the text of the functions. */
  const shaped = new Map<string, Envelope>();
  let seen: { readonly members: Members | undefined } | undefined;

  return (client, envelope) => {
    const form = forms.get(client);
    if (!form) return client.tell(envelope);
    seen ??= { members: membersOf(envelope.data) };
    const data = seen.members && form.functions.apply(envelope.data, seen.members);
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
