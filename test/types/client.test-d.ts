import { describe, expectTypeOf, test } from 'vitest';
import {
  type Ack,
  type Client,
  connect,
  type Data,
  isOocsiError,
  type Message,
  type OocsiError,
  type Sent,
  type State,
} from '../../src/index';

interface Channels {
  colour: { color: number };
  sound: { pitch: number; loud?: boolean };
}

declare const free: Client;
declare const typed: Client<Channels>;

describe('without a channel map', () => {
  test('a sketch compiles: data is untyped', () => {
    free.subscribe('colour', ({ data, sender }) => {
      expectTypeOf(sender).toEqualTypeOf<string>();
      data.color.toFixed();
    });
    free.subscribe(({ data }) => data.anything);
    free.send('colour', { color: 120 });
  });

  test('data of an interface may be sent', () => {
    interface Reading {
      value: number;
    }
    const reading: Reading = { value: 1 };
    free.send('sensor', reading);
  });

  test('`send` gives a promise with `ack` only', () => {
    expectTypeOf(free.send('colour', {})).toEqualTypeOf<Sent>();
    expectTypeOf(free.send('colour', {}, { ack: false, retain: 5 })).toEqualTypeOf<Sent>();
    expectTypeOf(free.send('colour', {}, { ack: true, retain: 5 })).toEqualTypeOf<Promise<Ack>>();
    expectTypeOf(free.channel('colour').send({}, { ack: { receivers: 2 } })).toEqualTypeOf<Promise<Ack>>();
    // @ts-expect-error an acknowledged message is not delayed
    free.send('colour', {}, { ack: true, delay: 5 });
    // @ts-expect-error there is no such option
    free.send('colour', {}, { ack: { receiver: 2 } });
    // @ts-expect-error data is checked as without
    typed.send('colour', { colour: 1 }, { ack: true });
    typed.subscribe('colour', () => undefined, { reliable: true });
    typed.subscribe(() => undefined, { reliable: true });
  });

  test('what is no JSON object does not compile', () => {
    // @ts-expect-error a list goes under a key
    free.send('colour', [1, 2]);
    // @ts-expect-error text goes under a key
    free.send('colour', 'red');
    // @ts-expect-error null is no data
    free.send('colour', null);
    // @ts-expect-error data is missing
    free.send('colour');
    // @ts-expect-error a map is no JSON object
    free.send('colour', new Map());
    // @ts-expect-error an await is missing
    free.send('colour', Promise.resolve({}));
    // @ts-expect-error a date goes under a key
    free.send('colour', new Date());
    // @ts-expect-error a function is no data
    free.send('colour', () => ({}));
  });
});

describe('with a channel map', () => {
  test('data is typed by its channel', () => {
    typed.subscribe('colour', ({ data }) => expectTypeOf(data).toEqualTypeOf<Readonly<{ color: number }>>());
    typed.send('sound', { pitch: 440 });
    expectTypeOf(typed.channel('colour').messages()).toExtend<AsyncIterable<Message<{ color: number }>>>();
    expectTypeOf(connect<Channels>()).resolves.toEqualTypeOf<Client<Channels>>();
  });

  test('names that it does not list are untyped: handles, for example', () => {
    typed.send('lamp_123', { anything: true });
    typed.subscribe('elsewhere', ({ data }) => expectTypeOf(data).toEqualTypeOf<Readonly<Data>>());
  });

  test('the client fits a helper that takes any client', () => {
    const helper = (client: Client): string => client.handle;
    helper(typed);
    helper(free);
  });

  test('wrong data does not compile', () => {
    // @ts-expect-error color is a number
    typed.send('colour', { color: 'red' });
    // @ts-expect-error pitch is missing
    typed.send('sound', { loud: true });
    // @ts-expect-error there is no such key
    typed.send('colour', { color: 1, colour: 2 });
    // @ts-expect-error colour has no pitch
    typed.subscribe('colour', ({ data }) => data.pitch);
    // @ts-expect-error a channel's verbs are typed as well
    typed.channel('colour').send({ color: '1' });
  });

  test('received data cannot be changed by accident', () => {
    typed.subscribe('colour', ({ data }) => {
      // @ts-expect-error others get the same message
      data.color = 2;
    });
  });
});

describe('events and state', () => {
  test('listeners get the arguments of their event', () => {
    free.on('state', (now, before) => expectTypeOf([now, before]).toEqualTypeOf<State[]>());
    free.on('error', (error) => expectTypeOf(error).toEqualTypeOf<OocsiError>());
    // @ts-expect-error there is no such event
    free.on('stat', () => {});
    // @ts-expect-error error gives an error, no text
    free.on('error', (text: string) => text);
  });

  test('a state has what belongs to its status, and nothing else', () => {
    const state = free.state;
    if (state.status === 'reconnecting') expectTypeOf(state.cause).toEqualTypeOf<OocsiError>();
    if (state.status === 'connected') expectTypeOf(state.since).toEqualTypeOf<number>();
    if (state.status === 'connected') expectTypeOf(state.cause).toEqualTypeOf<undefined>();
    // @ts-expect-error not every state has an attempt
    state.attempt;
    // @ts-expect-error the client alone writes it
    free.state = state;
  });

  test('an error is told apart by its code', () => {
    const error: unknown = undefined;
    if (isOocsiError(error, 'timeout')) expectTypeOf(error.code).toEqualTypeOf<'timeout'>();
    // @ts-expect-error there is no such code
    isOocsiError(error, 'tired');
  });
});

describe('options', () => {
  test('that do not exist do not compile', () => {
    void connect('ws://localhost', { handle: async () => 'lamp', reconnect: { attempts: 3 }, onHandleTaken: 'suffix' });
    // @ts-expect-error there is no such word
    void connect('ws://localhost', { onHandleTaken: 'explode' });
    // @ts-expect-error reconnect is false or its options
    void connect('ws://localhost', { reconnect: true });
    // @ts-expect-error no such option
    void connect('ws://localhost', { name: 'lamp' });
    // @ts-expect-error a number is no target
    void connect(9000);
  });
});
