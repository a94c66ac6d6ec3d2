import { describe, expectTypeOf, test } from 'vitest';
import { type Channel, type Client, connect, createClient, type Message, type Unsubscribe } from '../../src/index';

interface Channels {
  colour: { color: number };
}

interface Services {
  mix(data: { hue: number }): { rgb: string };
  power(): { watts: number };
  dim(data?: { light: number }): { light: number };
  slow(data: { n: number }): Promise<{ n: number }>;
}

declare const free: Client;
declare const typed: Client<Channels, Services>;
declare const channel: Channel<{ color: number }, { color: number }, Services>;

describe('without a map of services', () => {
  test('a sketch compiles: calls and answers are untyped', async () => {
    const answer = await free.call('lights', 'mix', { hue: 120 });
    answer.rgb.toUpperCase();
    await free.call('lights', 'power');
    await free.call('lights', 'power', {}, { timeout: 500, signal: AbortSignal.timeout(100), password: 'secret' });
    for await (const { sender, data } of free.callAll('lights', 'power', {}, { max: 3, timeout: 500 })) {
      expectTypeOf(sender).toEqualTypeOf<string>();
      data.watts.toFixed();
    }
    expectTypeOf(free.register('lights', 'mix', ({ hue }) => ({ rgb: hue }))).toEqualTypeOf<Unsubscribe>();
    free.register('lights', 'mix', async ({ hue }, { sender }) => ({ rgb: hue, sender }), {
      signal: AbortSignal.timeout(100),
      password: 'secret',
    });
    free.register('lights', 'mix', () => {});
    free.register('lights', 'mix', async () => {});
    free.channel('lights').register('mix', ({ hue }) => ({ rgb: hue }));
  });

  test('what is no JSON object does not compile', () => {
    // @ts-expect-error a list goes under a key
    void free.call('lights', 'mix', [1]);
    // @ts-expect-error text goes under a key
    void free.call('lights', 'mix', 'red');
    // @ts-expect-error an answer is an object
    free.register('lights', 'mix', () => 'green');
    // @ts-expect-error a list goes under a key
    free.register('lights', 'mix', () => [1]);
    // @ts-expect-error an answer is an object, later too
    free.register('lights', 'mix', async () => 5);
    // @ts-expect-error a responder is missing
    free.register('lights', 'mix');
  });

  test('options that do not exist do not compile', () => {
    // @ts-expect-error `max` is for callAll
    void free.call('lights', 'mix', {}, { max: 3 });
    // @ts-expect-error there is no such option
    free.callAll('lights', 'mix', {}, { min: 3 });
    // @ts-expect-error a responder needs no timeout
    free.register('lights', 'mix', () => {}, { timeout: 5 });
    // @ts-expect-error a time is a number
    void free.call('lights', 'mix', {}, { timeout: '5 s' });
  });
});

describe('with a map of services', () => {
  test('calls are typed by their name', async () => {
    expectTypeOf(typed.call('lights', 'mix', { hue: 120 })).resolves.toEqualTypeOf<{ rgb: string }>();
    expectTypeOf(typed.call('lights', 'mix', { hue: 120 }, { timeout: 5 })).resolves.toEqualTypeOf<{ rgb: string }>();
    expectTypeOf(channel.call('mix', { hue: 120 })).resolves.toEqualTypeOf<{ rgb: string }>();
    expectTypeOf(connect<Channels, Services>()).resolves.toEqualTypeOf<Client<Channels, Services>>();
    expectTypeOf(createClient<Channels, Services>().call('x', 'power')).resolves.toEqualTypeOf<{ watts: number }>();
  });

  test('data may be left out where the service needs none', () => {
    expectTypeOf(typed.call('lights', 'power')).resolves.toEqualTypeOf<{ watts: number }>();
    expectTypeOf(typed.call('lights', 'power', undefined, { timeout: 5 })).resolves.toEqualTypeOf<{ watts: number }>();
    expectTypeOf(typed.call('lights', 'dim')).resolves.toEqualTypeOf<{ light: number }>();
    expectTypeOf(typed.call('lights', 'dim', { light: 5 })).resolves.toEqualTypeOf<{ light: number }>();
    // @ts-expect-error it needs a hue
    void typed.call('lights', 'mix');
    // @ts-expect-error it needs a hue, whatever the options are
    void typed.call('lights', 'mix', undefined, { timeout: 5 });
  });

  test('a service that answers later is called as one that answers now', () => {
    expectTypeOf(typed.call('lights', 'slow', { n: 1 })).resolves.toEqualTypeOf<{ n: number }>();
    typed.register('lights', 'slow', ({ n }) => ({ n }));
    typed.register('lights', 'slow', async ({ n }) => ({ n }));
    typed.register('lights', 'mix', async ({ hue }) => ({ rgb: `${hue}` }));
  });

  test('callAll gives messages of that type', async () => {
    for await (const message of typed.callAll('lights', 'mix', { hue: 120 }, { max: 3 })) {
      expectTypeOf(message).toEqualTypeOf<Message<{ rgb: string }>>();
    }
    expectTypeOf(typed.callAll('lights', 'power')).toExtend<AsyncIterable<Message<{ watts: number }>>>();
    // @ts-expect-error hue is a number
    typed.callAll('lights', 'mix', { hue: 'red' });
  });

  test('a responder is given what the map says, and answers it', () => {
    typed.register('lights', 'mix', (data, request) => {
      expectTypeOf(data).toEqualTypeOf<Readonly<{ hue: number }>>();
      expectTypeOf(request).toEqualTypeOf<Message<{ hue: number }>>();
      return { rgb: 'green' };
    });
    channel.register('mix', ({ hue }) => ({ rgb: `${hue}` }));
    // @ts-expect-error rgb is text
    typed.register('lights', 'mix', () => ({ rgb: 5 }));
    // @ts-expect-error rgb is missing
    typed.register('lights', 'mix', () => ({}));
    // @ts-expect-error an answer is missing
    typed.register('lights', 'mix', () => {});
    // @ts-expect-error there is no such key in what it is given
    typed.register('lights', 'mix', ({ light }) => ({ rgb: `${light}` }));
    // @ts-expect-error a channel's verbs are typed as well
    channel.register('mix', () => ({ rgb: 5 }));
  });

  test('wrong data does not compile', () => {
    // @ts-expect-error hue is a number
    void typed.call('lights', 'mix', { hue: 'red' });
    // @ts-expect-error hue is missing
    void typed.call('lights', 'mix', {});
    // @ts-expect-error there is no such key
    void typed.call('lights', 'mix', { hue: 1, colour: 2 });
    // @ts-expect-error a channel's verbs are typed as well
    void channel.call('mix', { hue: 'red' });
    // @ts-expect-error the answer has no such key
    void typed.call('lights', 'mix', { hue: 1 }).then(({ watts }) => watts);
  });

  test('names that it does not list stay loose', async () => {
    const answer = await typed.call('lights', 'anything', { goes: true });
    answer.whatever.toFixed();
    await typed.call('lights', 'anything');
    typed.register('lights', 'anything', ({ goes }) => ({ goes }));
    typed.register('lights', 'anything', () => {});
    for await (const { data } of typed.callAll('lights', 'anything')) data['whatever'];
  });

  test('the client fits a helper that takes any client', () => {
    const helper = (client: Client): string => client.handle;
    helper(typed);
  });

  test('a map that is a type alias works as an interface does', () => {
    type Alias = { add: (data: { a: number; b: number }) => { sum: number } };
    const client = createClient<Channels, Alias>();
    expectTypeOf(client.call('x', 'add', { a: 1, b: 2 })).resolves.toEqualTypeOf<{ sum: number }>();
    // @ts-expect-error b is missing
    void client.call('x', 'add', { a: 1 });
  });
});
