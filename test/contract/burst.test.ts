import { expect, test } from 'vitest';
import { connect } from '../../src/index';
import { startServer } from '../../src/server/start-server';

const count = 100_000;

for (const transport of ['tcp', 'websocket'] as const) {
  test(`100,000 messages of one burst over ${transport} arrive complete and in order`, async () => {
    await using server = await startServer({ port: 0, tcpPort: 0 });
    const target = transport === 'tcp' ? server.tcpUrl : server.url;
    const sender = await connect(target, { handle: 'sender' });
    const receiver = await connect(target, { handle: 'receiver' });
    const arrived = new Promise<number>((resolve, reject) => {
      let next = 0;
      receiver.subscribe(({ data }) => {
        if (data.n !== next++) reject(new Error(`${data.n} came instead of ${next - 1}`));
        else if (next === count) resolve(next);
      });
    });
    for (let n = 0; n < count; n++) expect(sender.send('receiver', { n })).toBe('sent');
    expect(await arrived).toBe(count);
    await Promise.all([sender.close(), receiver.close()]);
  }, 30_000);
}
