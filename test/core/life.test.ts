import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OocsiError } from '../../src/core/errors';
import { type Effect, type Life, type LifeEvent, type Policy, step, unborn } from '../../src/core/lifecycle';

const policy: Policy = { attempts: 5, once: false, delay: (losses) => losses * 100 };
const broken = new OocsiError('disconnected', 'gone');
const refused = new OocsiError('refused', 'no', { permanent: true });

const events: fc.Arbitrary<LifeEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('due' as const, 'renamed' as const) }),
  fc.record({ type: fc.constant('welcomed' as const), handle: fc.constant('lamp'), now: fc.nat(1_000_000) }),
  fc.record({
    type: fc.constant('lost' as const),
    generation: fc.nat(6),
    now: fc.nat(1_000_000),
    cause: fc.constantFrom(broken, broken, refused),
  }),
  fc.record({ type: fc.constant('close' as const) }),
);

/** Runs events through the reducer, telling each step. */
function run(
  all: readonly LifeEvent[],
  told: (before: Life, event: LifeEvent, after: Life, effect?: Effect) => void,
): Life {
  return all.reduce((life, event) => {
    const [after, effect] = step(life, event, policy);
    told(life, event, after, effect);
    return after;
  }, unborn);
}

test('a session that is closed never dials, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(events), fc.array(events), (before, after) => {
      let closed = false;
      run([...before, { type: 'close' }, ...after], (_, event, life, effect) => {
        if (closed) expect([life.at, effect]).toEqual(['closed', undefined]);
        closed ||= event.type === 'close';
      });
    }),
  );
});

test('a session never has two links: it hangs up before it dials again', () => {
  fc.assert(
    fc.property(fc.array(events), (all) => {
      run(all, (before, _, after, effect) => {
        if (before.at === 'connected' && after.at !== 'connected') expect(effect).toBe('hangUp');
        if (effect === 'dial') expect(after.generation).toBe(before.generation + 1);
      });
    }),
  );
});

test('what an older link says changes nothing', () => {
  fc.assert(
    fc.property(fc.array(events), (all) => {
      run(all, (before, event, after) => {
        if (event.type === 'lost' && event.generation !== before.generation) expect(after).toBe(before);
      });
    }),
  );
});

test('the wait grows with each loss, until a connection has held', () => {
  const delays: number[] = [];
  const noting: Policy = { ...policy, delay: (losses) => delays.push(losses) };
  let life = unborn;
  const happen = (event: LifeEvent): void => {
    [life] = step(life, event, noting);
  };
  const lose = (): void => {
    happen({ type: 'due' });
    happen({ type: 'welcomed', handle: 'lamp', now: 0 });
    happen({ type: 'lost', generation: life.generation, now: 0, cause: broken });
  };
  lose();
  lose();
  happen({ type: 'due' });
  happen({ type: 'welcomed', handle: 'lamp', now: 0 });
  happen({ type: 'lost', generation: life.generation, now: 10_000, cause: broken });
  expect(delays).toEqual([1, 2, 1]);
});

test('a session gives up after so many failed attempts', () => {
  let life = unborn;
  for (let attempt = 1; attempt <= 5; attempt++) {
    [life] = step(life, { type: 'due' }, policy);
    expect(life.state).toMatchObject({ status: 'connecting', attempt });
    [life] = step(life, { type: 'lost', generation: life.generation, now: 0, cause: broken }, policy);
  }
  expect(life.state).toEqual({ status: 'closed', cause: broken });
});
