import { expectTypeOf, test } from 'vitest';
import { createBroker, type ServerLimits, type ServerOptions } from '../../src/server/index';

const broker = createBroker();

test('A listener gets what its event tells', () => {
  broker.on('join', (client) => expectTypeOf(client.address).toEqualTypeOf<string | undefined>());
  broker.on('leave', (_client, reason) =>
    expectTypeOf(reason).toEqualTypeOf<'left' | 'silent' | 'slow' | 'replaced' | 'refused' | 'closed'>(),
  );
  broker.on('subscribe', (_client, channel) => expectTypeOf(channel).toBeString());
  broker.on('message', ({ timestamp }) => expectTypeOf(timestamp).toBeNumber());
  broker.on('slow', ({ waiting }) => expectTypeOf(waiting).toBeNumber());
  // @ts-expect-error there is no such event
  broker.on('joined', () => undefined);
  // @ts-expect-error a refusal has no channel
  broker.on('refused', ({ channel }) => channel);
});

test('Limits are numbers of known names, any of them', () => {
  expectTypeOf<ServerOptions['limits']>().toEqualTypeOf<Partial<ServerLimits> | undefined>();
  createBroker({ limits: { clients: 3 } });
  // @ts-expect-error there is no such limit
  createBroker({ limits: { client: 3 } });
  // @ts-expect-error a limit is a number
  createBroker({ limits: { clients: '3' } });
});
