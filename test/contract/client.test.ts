import { memory } from '../../src/adapters/memory';
import { createBroker } from '../../src/server/broker/broker';
import { startServer } from '../../src/server/start-server';
import { clientContract } from './client';

clientContract('memory', async () => {
  const broker = createBroker();
  return { target: memory(broker.accept), async [Symbol.asyncDispose]() {} };
});

clientContract('tcp', async () => {
  const server = await startServer({ port: 0, tcpPort: 0 });
  return { target: server.tcpUrl ?? '', [Symbol.asyncDispose]: server.close };
});

clientContract('websocket', async () => {
  const server = await startServer({ port: 0, tcpPort: false });
  return { target: server.url, [Symbol.asyncDispose]: server.close };
});
