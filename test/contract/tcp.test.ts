import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { tcp } from '../../src/adapters/tcp';
import { createInbox } from '../helpers/inbox';
import { listening } from '../helpers/listening';
import { adapterContract, type Peer } from './adapter';

adapterContract('tcp', async () => {
  const peers = createInbox<Peer>();
  const server = createServer((socket) => {
    const frames = createInbox<string>();
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', frames.push);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    peers.push({ frames, closed, send: (frame) => socket.write(`${frame}\n`), close: () => socket.end() });
  });
  const { port, close } = await listening(server);
  return {
    adapter: tcp({ host: '127.0.0.1', port }),
    nowhere: tcp({ host: '127.0.0.1', port: 1 }),
    peers,
    [Symbol.asyncDispose]: close,
  };
});
