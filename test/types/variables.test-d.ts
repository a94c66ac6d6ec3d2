import { describe, expectTypeOf, test } from 'vitest';
import { type Client, connect, type Message, type Origin, type Variable, type VariableOptions } from '../../src/index';

interface Channels {
  lamp: { light: number; name: string; on: boolean; level: 1 | 2 | 3; at: { x: number }; maybe?: number };
}

declare const free: Client;
declare const typed: Client<Channels>;

describe('without a channel map', () => {
  test('a sketch compiles', () => {
    const loose = free.variable('lamp', 'light');
    loose.set(5);
    loose.set('red');
    loose.value.anything();
    free.variable('lamp', 'light', { min: 0, max: 255, smooth: { window: 5, sigma: 10 } }).set(5);
  });

  test('the value has the type of what it begins with, or the one it is given', () => {
    free.variable('lamp', 'light', { initial: 0 }).set(120);
    expectTypeOf(free.variable('lamp', 'name', { initial: 'red' })).toEqualTypeOf<Variable<string>>();
    expectTypeOf(free.variable<string>('lamp', 'name')).toEqualTypeOf<Variable<string>>();
    expectTypeOf(free.variable<{ x: number }>('lamp', 'at').value).toEqualTypeOf<{ x: number }>();
    expectTypeOf(free.channel('lamp').variable<boolean>('on')).toEqualTypeOf<Variable<boolean>>();
    // @ts-expect-error it holds text
    free.variable<string>('lamp', 'name').set(5);
    // @ts-expect-error it begins with text
    free.variable('lamp', 'name', { initial: 'red' }).set(5);
  });

  test('options for numbers go with numbers only', () => {
    free.variable<number>('lamp', 'light', { min: 0, max: 255, initial: 5, smooth: { window: 3 } });
    free.variable('lamp', 'light', { initial: 0, min: 0, max: 255, smooth: { window: 5, sigma: 10 } });
    free.variable<1 | 2 | 3>('lamp', 'level', { min: 1 });
    // @ts-expect-error text has no least value
    free.variable<string>('lamp', 'name', { min: 0 });
    // @ts-expect-error text has no mean
    free.variable<string>('lamp', 'name', { smooth: { window: 5 } });
    // @ts-expect-error text has no greatest value
    free.variable('lamp', 'name', { initial: 'red', max: 3 });
    // @ts-expect-error an object has no greatest value
    free.variable('lamp', 'at', { initial: { x: 1 }, max: 3 });
    // @ts-expect-error true is no number
    free.variable<boolean>('lamp', 'on', { max: 1 });
    // @ts-expect-error it may hold text as well
    free.variable<number | string>('lamp', 'mixed', { min: 0 });
    // @ts-expect-error a channel's verbs are typed as well
    free.channel('lamp').variable<string>('name', { min: 0 });
    // @ts-expect-error a channel's verbs are typed as well
    free.channel('lamp').variable('name', { initial: 'red', smooth: { window: 3 } });
  });

  test('options that do not exist, or are of another kind, do not compile', () => {
    // @ts-expect-error there is no such option
    free.variable<number>('lamp', 'light', { least: 0 });
    // @ts-expect-error smooth needs a window
    free.variable<number>('lamp', 'light', { smooth: { sigma: 3 } });
    // @ts-expect-error a limit has a rate and a time
    free.variable<number>('lamp', 'light', { limit: { rate: 3 } });
    // @ts-expect-error min is a number
    free.variable<number>('lamp', 'light', { min: '0' });
    // @ts-expect-error initial is a number
    free.variable<number>('lamp', 'light', { initial: 'red' });
    // @ts-expect-error reference is a number
    free.variable<number>('lamp', 'light', { initial: 5, reference: 'red', expire: 500 });
  });
});

describe('with a channel map', () => {
  test('the value is that of the key', () => {
    expectTypeOf(typed.variable('lamp', 'light')).toEqualTypeOf<Variable<number>>();
    expectTypeOf(typed.variable('lamp', 'name')).toEqualTypeOf<Variable<string>>();
    expectTypeOf(typed.variable('lamp', 'level').value).toEqualTypeOf<1 | 2 | 3>();
    expectTypeOf(typed.variable('lamp', 'at').get()).toEqualTypeOf<{ x: number }>();
    expectTypeOf(typed.channel('lamp').variable('light')).toEqualTypeOf<Variable<number>>();
    expectTypeOf(connect<Channels>().then((it) => it.variable('lamp', 'on'))).resolves.toEqualTypeOf<
      Variable<boolean>
    >();
  });

  test('values and options of another kind do not compile', () => {
    typed.variable('lamp', 'light', { min: 0, max: 255, initial: 5, smooth: { window: 3 } });
    typed.variable('lamp', 'level', { min: 1 });
    // @ts-expect-error light is a number
    typed.variable('lamp', 'light').set('red');
    // @ts-expect-error light is a number
    typed.variable('lamp', 'light').value = 'red';
    // @ts-expect-error there is no such level
    typed.variable('lamp', 'level').set(4);
    // @ts-expect-error light is a number
    typed.variable('lamp', 'light', { initial: 'red' });
    // @ts-expect-error text has no least value
    typed.variable('lamp', 'name', { min: 0 });
    // @ts-expect-error text has no mean
    typed.variable('lamp', 'name', { smooth: { window: 3 } });
    // @ts-expect-error true is no number
    typed.variable('lamp', 'on', { max: 1 });
    // @ts-expect-error a channel's verbs are typed as well
    typed.channel('lamp').variable('name', { min: 0 });
    // @ts-expect-error a channel's verbs are typed as well
    typed.channel('lamp').variable('light').set('red');
  });

  test('a key that the channel does not have does not compile', () => {
    // @ts-expect-error there is no such key
    typed.variable('lamp', 'lihgt');
    // @ts-expect-error there is no such key, with options neither
    typed.variable('lamp', 'lihgt', { initial: 5 });
    // @ts-expect-error a channel's verbs are typed as well
    typed.channel('lamp').variable('lihgt');
  });

  test('channels that it does not list are untyped', () => {
    expectTypeOf(typed.variable<number>('elsewhere', 'n')).toEqualTypeOf<Variable<number>>();
    typed.variable('elsewhere', 'n', { initial: 5 }).set(7);
    typed.variable('elsewhere', 'n').value.anything();
    // @ts-expect-error text has no least value
    typed.variable<string>('elsewhere', 'name', { min: 0 });
  });
});

describe('a variable', () => {
  test('tells value and origin, as a loop the value', async () => {
    using light = typed.variable('lamp', 'light', { accept: (next, current) => next + (current ?? 0) });
    light.subscribe((value, origin) => {
      expectTypeOf(value).toEqualTypeOf<number>();
      expectTypeOf(origin).toEqualTypeOf<Origin>();
      expectTypeOf(origin).toEqualTypeOf<'local' | 'remote'>();
    });
    for await (const value of light) expectTypeOf(value).toEqualTypeOf<number>();
    expectTypeOf(light.age).toEqualTypeOf<number>();
    light.value = 5;
    // @ts-expect-error time alone writes it
    light.age = 5;
    // @ts-expect-error what it is bound to stays
    light.key = 'name';
    // @ts-expect-error accept gives a number
    typed.variable('lamp', 'light', { accept: () => 'red' });
  });

  test('has options that can be named', () => {
    expectTypeOf<{ min: 0; initial: 5 }>().toExtend<VariableOptions<number>>();
    expectTypeOf<{ min: 0 }>().not.toExtend<VariableOptions<string>>();
    expectTypeOf<{ initial: 'red'; interval: 50 }>().toExtend<VariableOptions<string>>();
  });
});

test('one message is awaited with the type of its channel', () => {
  expectTypeOf(typed.next('lamp')).resolves.toEqualTypeOf<Message<Channels['lamp']>>();
  expectTypeOf(typed.channel('lamp').next({ timeout: 5 })).resolves.toEqualTypeOf<Message<Channels['lamp']>>();
  // @ts-expect-error a buffer is for loops
  void typed.next('lamp', { buffer: 5 });
  // @ts-expect-error a timeout is for waits
  typed.messages('lamp', { timeout: 5 });
});

describe('a key that not every message has', () => {
  test('holds numbers all the same', () => {
    typed.variable('lamp', 'maybe', { min: 0, max: 255 }).set(5);
    // @ts-expect-error it is no text
    typed.variable('lamp', 'maybe').set('red');
  });
});
