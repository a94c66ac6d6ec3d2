// Answers the calls of the demo "calls".
// Usage: node demo/calls/responder.js [address], such as localhost, 192.168.1.20 or ws://localhost:9000/ws
import { randomInt } from 'node:crypto';
import { connect } from 'oocsi-client';

const address = process.argv[2] ?? 'localhost';
const oocsi = await connect(address, { handle: 'responder_###' }).catch((error) => {
  console.error(error.message);
  process.exit(1);
});

// What a responder returns is the answer, and what it throws is an error where it was called.
// In a call over HTTP, as /dice/roll?sides=6, the number is a text.
oocsi.register('dice', 'roll', ({ sides }) => {
  if (!(sides >= 1)) throw new RangeError(`A die with ${sides} sides cannot be rolled.`);
  return { rolled: randomInt(1, Number(sides) + 1) };
});

// Answers may come later: a responder can be async. This one thinks for ever.
oocsi.register('dice', 'ponder', () => new Promise(() => {}));

console.log(`Connected to ${address} as ${oocsi.handle}; answering calls on the channel "dice". Ctrl+C ends it.`);
oocsi.on('error', (error) => console.error(error.message));
oocsi.on('state', (now, before) => {
  if (now.status === 'connected') console.log(`Connected again as ${oocsi.handle}.`);
  if (now.status === 'reconnecting' && before.status === 'connected') console.log(`${now.cause.message} Trying again…`);
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => oocsi.close());
const fault = await oocsi.closed;
if (fault) {
  console.error(fault.message);
  process.exitCode = 1;
}
