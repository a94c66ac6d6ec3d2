import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  initialState,
  nextState,
  type Policy,
  type SessionEvent,
  type SessionState,
} from '../../../src/core/session/state-machine';
import { OocsiError } from '../../../src/protocol/errors';

const policy: Policy = { attempts: 5, once: false, delay: (losses) => losses * 100 };
const broken = new OocsiError('disconnected', 'gone');
const refused = new OocsiError('refused', 'no', { permanent: true });

const moments = { moment: fc.nat(1_000_000), monotonic: fc.nat(1_000_000) };
const events: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.record({ what: fc.constantFrom('due' as const, 'renamed' as const) }),
  fc.record({ what: fc.constant('welcomed' as const), ownHandle: fc.constant('lamp'), ...moments }),
  fc.record({
    what: fc.constant('lost' as const),
    ...moments,
    error: fc.constantFrom(broken, broken, refused),
  }),
  fc.record({ what: fc.constant('close' as const) }),
);

/** Runs events through the reducer, telling each step. */
function run(
  all: readonly SessionEvent[],
  told: (before: SessionState, event: SessionEvent, after: SessionState) => void,
): SessionState {
  return all.reduce((life, event) => {
    const after = nextState(life, event, policy);
    told(life, event, after);
    return after;
  }, initialState);
}

test('a session that is closed never dials, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(events), fc.array(events), (before, after) => {
      let closed = false;
      run([...before, { what: 'close' }, ...after], (life, event, next) => {
        if (closed) expect(next).toBe(life);
        closed ||= event.what === 'close';
      });
    }),
  );
});

test('a session never has two links: it hangs up before it dials again', () => {
  fc.assert(
    fc.property(fc.array(events), (all) => {
      run(all, (before, _, after) => {
        if (before.phase === 'connected' && after !== before) expect(after.phase).toMatch(/waiting|closed/);
      });
    }),
  );
});

test('what means nothing where the session is changes nothing', () => {
  fc.assert(
    fc.property(fc.array(events), (all) => {
      run(all, (before, event, after) => {
        const isDue = event.what === 'due' && before.phase === 'waiting';
        const isAnswered = /renamed|welcomed/.test(event.what) && before.phase === 'connecting';
        const isLost = event.what === 'lost' && /connect/.test(before.phase);
        const isClosed = event.what === 'close' && before.phase !== 'closed';
        expect(after === before).toBe(!(isDue || isAnswered || isLost || isClosed));
      });
    }),
  );
});

test('the wait grows with each loss, until a connection has held', () => {
  const delays: number[] = [];
  const noting: Policy = { ...policy, delay: (losses) => delays.push(losses) };
  let life = initialState;
  const happen = (event: SessionEvent): void => {
    life = nextState(life, event, noting);
  };
  const lose = (): void => {
    happen({ what: 'due' });
    happen({ what: 'welcomed', ownHandle: 'lamp', moment: 0, monotonic: 0 });
    happen({ what: 'lost', moment: 0, monotonic: 0, error: broken });
  };
  lose();
  lose();
  happen({ what: 'due' });
  happen({ what: 'welcomed', ownHandle: 'lamp', moment: 0, monotonic: 0 });
  happen({ what: 'lost', moment: 0, monotonic: 10_000, error: broken });
  expect(delays).toEqual([1, 2, 1]);
});

test('a session gives up after so many failed attempts', () => {
  let life = initialState;
  for (let attempt = 1; attempt <= 5; attempt++) {
    life = nextState(life, { what: 'due' }, policy);
    expect(life.shown).toMatchObject({ status: 'connecting', attempt });
    life = nextState(life, { what: 'lost', moment: 0, monotonic: 0, error: broken }, policy);
  }
  expect(life.shown).toEqual({ status: 'closed', cause: broken });
});
