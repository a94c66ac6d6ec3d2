import { once } from 'node:events';
import { connect } from 'node:net';

/** A client that does round trips all the time and notes how long they take, while others do what they like. */
export interface Bystander {
  /** The longest so far, in ms, an answer that is still missing among them; begins anew. */
  longest(): number;
  /** How many there were. */
  readonly trips: number;
  /** What it was told in its own name that it has not said. */
  readonly strange: readonly string[];
  stop(): void;
}

/** @param rest between two round trips, in ms */
export async function openBystander(port: number, handle: string, rest = 1): Promise<Bystander> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const strange: string[] = [];
  let [piece, trips, worst, sentAt] = ['', 0, 0, performance.now()];
  let timer: NodeJS.Timeout | undefined;

  function ask(): void {
    sentAt = performance.now();
    socket.write(`sendraw ${handle} {"trip":${trips}}\n`);
  }

  function hear(line: string): void {
    if (!line.endsWith(`"sender":"${handle}"}`)) return;
    if (!line.startsWith(`{"trip":${trips},`)) {
      strange.push(line.slice(0, 200));
      return;
    }
    worst = Math.max(worst, performance.now() - sentAt);
    trips++;
    timer = setTimeout(ask, rest);
  }

  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${piece}${text}`.split('\n');
    piece = lines.pop() ?? '';
    lines.forEach(hear);
  });
  // That it was cut is seen by the trips that end.
  socket.on('error', () => undefined);
  socket.write(`${handle}(JSON)\n`);
  ask();
  return {
    longest() {
      const result = Math.max(worst, timer?.hasRef() ? 0 : performance.now() - sentAt);
      worst = 0;
      return result;
    },
    get trips() {
      return trips;
    },
    strange,
    stop() {
      clearTimeout(timer);
      socket.destroy();
    },
  };
}
