import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Lets a server keep a message of the channel `colour`, and stops it by a signal, and by a second one while it closes and
 * saves; resolves when it is gone.
 */
export async function signalTwice(
  child: ChildProcess,
  signal: NodeJS.Signals,
  port: number,
  password = '',
): Promise<void> {
  const gone = once(child, 'exit');
  // It stays open for as long as the server lets it, so that the second signal comes while the server closes.
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  let heard = '';
  await new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (piece: string) => {
      heard += piece;
      if (/^\.$/m.test(heard)) resolve();
    });
    socket.write(`lamp${password}(JSON)\nsubscribe colour\nsendraw colour {"n":1,"_RETAIN":600}\nping\n`);
  });
  const goodbye = once(socket, 'end');
  child.kill(signal);
  await goodbye;
  child.kill(signal);
  await gone;
  socket.destroy();
}
