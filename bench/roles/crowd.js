// Very many subscribers in one program. They are bare sockets that count and check lines: so many clients would make
// their own program what is measured.
import { once } from 'node:events';
import { connect } from 'node:net';
import { now, patience, sleep } from '../kit/clock.js';
import { channelName } from '../kit/messages.js';

/** How many dial at the same time. */
const atOnce = 50;
const newline = 0x0a;
/** What a message begins with; a server also asks whether one is still there. */
const brace = 0x7b;
/** What stands before the number of a message. */
const head = '{"n":'.length;

/** @type {ReturnType<typeof createMember>[]} */
const members = [];

/** The number of the message that begins here: NaN where there is none. @type {(bytes: Buffer, at: number) => number} */
function numberAt(bytes, at) {
  let number = Number.NaN;
  for (let index = at + head; ; index++) {
    const digit = bytes[index] - 0x30;
    if (!(digit >= 0 && digit <= 9)) return number;
    number = (number || 0) * 10 + digit;
  }
}

/** @param {import('node:net').Socket} socket */
function createMember(socket) {
  /** @type {Buffer | undefined} */
  let rest;
  let next = 0;
  let [left, wrong] = [0, 0];
  let done = () => {};
  socket.on('data', (piece) => {
    const bytes = rest ? Buffer.concat([rest, piece]) : piece;
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      const isMessage = bytes[start] === brace;
      if (isMessage && numberAt(bytes, start) !== next++) wrong++;
      start = end + 1;
      if (!isMessage) socket.write('.\n');
      else if (--left === 0) done();
    }
    rest = start < bytes.length ? bytes.subarray(start) : undefined;
  });
  return {
    /** From now on so many lines are awaited. @type {(count: number, whenDone: () => void) => void} */
    begin(count, whenDone) {
      next = 0;
      left = count;
      wrong = 0;
      done = whenDone;
    },
    get left() {
      return left;
    },
    get wrong() {
      return wrong;
    },
    /** Says something that is answered by one line. @param {string} text */
    ask(text) {
      return new Promise((resolve) => {
        this.begin(1, () => resolve(undefined));
        socket.write(text);
      });
    },
  };
}

/** @type {(driver: string, address: string, handle: string) => Promise<void>} */
async function enter(driver, address, handle) {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const member = createMember(socket);
  members.push(member);
  if (driver.startsWith('bare')) return;
  await member.ask(`${handle}(JSON)\n`);
  // What one says to oneself comes back when all before it is done.
  await member.ask(`subscribe ${channelName(0)}\nsendraw ${handle} {}\n`);
}

/**
 * All of them subscribe to the first channel.
 *
 * @param {{ driver: string, address: string, count: number }} options
 */
export async function open({ driver, address, count }) {
  for (let index = 0; index < count; index += atOnce) {
    const some = Math.min(atOnce, count - index);
    await Promise.all(Array.from({ length: some }, (_, more) => enter(driver, address, `crowd${index + more}`)));
  }
}

/** @type {Promise<number>} */
let whenAll = Promise.resolve(0);

/** From now on so many messages are awaited by each. @param {{ count: number }} options */
export function expect({ count }) {
  let open = members.length;
  whenAll = new Promise((resolve) => {
    for (const member of members) member.begin(count, () => --open === 0 && resolve(now()));
  });
}

/** When the last of them came; checks that none is lost or out of order. */
export async function came() {
  const end = await Promise.race([whenAll, sleep(patience)]);
  const sum = (/** @type {'left' | 'wrong'} */ what) => members.reduce((total, member) => total + member[what], 0);
  if (end === undefined) throw new Error(`${sum('left')} messages are lost`);
  if (sum('wrong') > 0) throw new Error(`${sum('wrong')} messages came out of order`);
  return end;
}
