import * as v from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import type { Client, InputOf, Message, OutputOf, StandardSchemaV1, Variable } from '../../src/index';

interface Channels {
  colour: { color: number };
}

declare const free: Client;
declare const typed: Client<Channels>;

const Colour = v.object({ color: v.number(), name: v.optional(v.string(), 'none') });
const Reading = v.object({
  at: v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
  ),
});

describe('a channel with a schema', () => {
  test('sends what the schema takes and receives what it makes of it', async () => {
    const colour = free.channel('colour', Colour);
    colour.send({ color: 1 });
    colour.send({ color: 1, name: 'red' });
    colour.subscribe(({ data }) => expectTypeOf(data).toEqualTypeOf<Readonly<{ color: number; name: string }>>());
    expectTypeOf(colour.next()).resolves.toEqualTypeOf<Message<{ color: number; name: string }>>();
    for await (const { data } of colour.messages()) expectTypeOf(data.name).toEqualTypeOf<string>();
    const reading = free.channel('reading', Reading);
    reading.send({ at: '2026-01-01' });
    reading.subscribe(({ data }) => expectTypeOf(data.at).toEqualTypeOf<Date>());
  });

  test('refuses what does not fit', () => {
    const colour = free.channel('colour', Colour);
    // @ts-expect-error color is a number
    colour.send({ color: 'red' });
    // @ts-expect-error color is missing
    colour.send({});
    // @ts-expect-error there is no such key
    colour.send({ color: 1, colour: 2 });
    // @ts-expect-error there is no such key
    colour.subscribe(({ data }) => data.pitch);
    // @ts-expect-error a date is sent as text
    free.channel('reading', Reading).send({ at: new Date() });
  });

  test('goes before the channel map', () => {
    const other = typed.channel('colour', v.object({ pitch: v.number() }));
    other.send({ pitch: 440 });
    other.subscribe(({ data }) => expectTypeOf(data.pitch).toEqualTypeOf<number>());
    // @ts-expect-error the schema has no color
    other.send({ color: 1 });
  });

  test('types its variables by what it receives', () => {
    const colour = free.channel('colour', Colour);
    expectTypeOf(colour.variable('color')).toEqualTypeOf<Variable<number>>();
    colour.variable('color', { min: 0 });
    // @ts-expect-error text has no least value
    colour.variable('name', { min: 0 });
    // @ts-expect-error there is no such key
    colour.variable('colour');
  });

  test('takes any schema of the standard, and nothing else', () => {
    const own: StandardSchemaV1<{ n: string }, { n: number }> = {
      '~standard': { version: 1, vendor: 'own', validate: () => ({ value: { n: 1 } }) },
    };
    const channel = free.channel('own', own);
    channel.send({ n: '1' });
    channel.subscribe(({ data }) => expectTypeOf(data).toEqualTypeOf<Readonly<{ n: number }>>());
    // @ts-expect-error a schema has its interface
    free.channel('own', { parse: () => ({}) });
  });

  test('gives its types by name', () => {
    expectTypeOf<InputOf<typeof Colour>>().toExtend<{ color: number; name?: string | undefined }>();
    expectTypeOf<OutputOf<typeof Colour>>().toEqualTypeOf<{ color: number; name: string }>();
    expectTypeOf<OutputOf<typeof Reading>>().toEqualTypeOf<{ at: Date }>();
  });
});
