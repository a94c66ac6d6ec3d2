import { memory } from '../../src/adapters/memory';
import { createInbox } from '../helpers/inbox';
import { adapterContract, type Peer } from './adapter';

adapterContract('memory', async () => {
  const peers = createInbox<Peer>();
  const adapter = memory((link) => {
    const frames = createInbox<string>();
    let told = (): void => {};
    const closed = new Promise<void>((resolve) => {
      told = resolve;
    });
    peers.push({ frames, closed, send: (frame) => link.send(frame), close: () => link.close() });
    return { frame: frames.push, close: told };
  });
  return { adapter, nowhere: undefined, peers, async [Symbol.asyncDispose]() {} };
});
