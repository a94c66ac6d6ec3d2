import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { webSocket } from '../../src/adapters/websocket-node';
import { createInbox } from '../helpers/inbox';
import { listening } from '../helpers/listening';
import { adapterContract, type Peer } from './adapter';

adapterContract('websocket', async () => {
  const peers = createInbox<Peer>();
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    const frames = createInbox<string>();
    socket.on('message', (data) => frames.push(String(data)));
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    peers.push({ frames, closed, send: (frame) => socket.send(frame), close: () => socket.close() });
  });
  const { port, close } = await listening(server);
  return {
    adapter: webSocket(`ws://127.0.0.1:${port}/ws`),
    nowhere: webSocket('ws://127.0.0.1:1/ws'),
    peers,
    [Symbol.asyncDispose]: close,
  };
});
