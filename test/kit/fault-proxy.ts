import { connect, createServer, type Socket } from 'node:net';
import { listening } from '../helpers/listening';
import { createRandom, type Random } from './random';
import { createFlow, type Toxics } from './toxics';

/** A network between clients and a server, over real sockets: TCP, and WebSocket as it is TCP, too. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly random: Random;
  /** May be changed at any time; new connections and new bytes are dealt with so. */
  readonly toxics: Toxics;
  /** What happened, in order. */
  readonly log: readonly string[];
  readonly connections: number;
  /** Resets one connection of those that are open, or all; gives how many. */
  kill(which?: 'one' | 'all'): number;
  /** Refuses to connect until the returned function is called. */
  down(): () => void;
}

/** How many bytes wait in a connection before it reads no more: a slow network is felt by who sends. */
const most = 2 ** 16;

export async function createFaultProxy(target: number, toxics: Toxics = {}, seed?: number): Promise<FaultProxy> {
  const random = createRandom(seed);
  const log: string[] = [];
  const open = new Set<(how: string) => void>();
  let isDown = false;
  let count = 0;

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (isDown) return void client.resetAndDestroy();
    const id = ++count;
    log.push(`${id} open`);
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const flows = [flow(client, upstream, 'up'), flow(upstream, client, 'down')];
    function kill(how: string): void {
      if (!open.delete(kill)) return;
      log.push(`${id} ${how}`);
      for (const one of flows) one.stop();
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    open.add(kill);

    function flow(from: Socket, to: Socket, way: 'up' | 'down'): ReturnType<typeof createFlow> {
      const one = createFlow(way, toxics, random, {
        pass(chunk) {
          if (to.writable) to.write(chunk);
          press();
        },
        broken: (toxic) => kill(toxic),
        note: (text) => log.push(`${id} ${text}`),
      });
      function press(): void {
        if (one.waiting > most || to.writableNeedDrain) from.pause();
        else from.resume();
      }
      /** In a black hole one side does not learn that the other is gone. */
      function gone(how: string): void {
        if (toxics.blackhole !== way && toxics.blackhole !== 'both') kill(how);
      }
      from.on('data', (chunk) => {
        one.take(chunk);
        press();
      });
      to.on('drain', press);
      from.on('end', () => one.end(() => to.end()));
      from.on('error', (error) => gone(error.message));
      from.on('close', () => to.destroyed && kill('closed'));
      return one;
    }
  });
  const listener = await listening(server);

  return {
    port: listener.port,
    random,
    toxics,
    log,
    get connections() {
      return open.size;
    },
    kill(which = 'one') {
      const all = [...open];
      const chosen = which === 'all' ? all : [random.pick(all)];
      for (const kill of chosen) kill?.('reset');
      return Math.min(all.length, chosen.length);
    },
    down() {
      isDown = true;
      return () => {
        isDown = false;
      };
    },
    async [Symbol.asyncDispose]() {
      for (const kill of open) kill('proxy ends');
      await listener.close();
    },
  };
}
