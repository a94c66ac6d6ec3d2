// Sends how busy this machine is, ten times a second.
// Usage: node demo/live/sensor.js [address], such as localhost, 192.168.1.20 or ws://localhost:9000/ws
import { cpus, freemem, totalmem } from 'node:os';
import { connect } from 'oocsi-client';

const address = process.argv[2] ?? 'localhost';
const oocsi = await connect(address, { handle: 'sensor_###' }).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
console.log(`Connected to ${address} as ${oocsi.handle}; sending to the channel "live". Ctrl+C ends it.`);

oocsi.on('state', (now, before) => {
  if (now.status === 'connected') console.log(`Connected again as ${oocsi.handle}.`);
  if (now.status === 'reconnecting' && before.status === 'connected') console.log(`${now.cause.message} Trying again…`);
});

// The load of a tenth of a second would jump up and down, so this is the load of the last second.
const lastSecond = [cpuTimes()];
const timer = setInterval(() => {
  const [before, now] = [lastSecond[0], cpuTimes()];
  if (lastSecond.push(now) > 10) lastSecond.shift();
  const passed = now.total - before.total;
  // Some machines do not tell how busy they are.
  const load = passed > 0 ? (now.busy - before.busy) / passed : 0;
  // What was measured without a connection would be old news later.
  oocsi.send('live', { load, memory: 1 - freemem() / totalmem() }, { whenOffline: 'drop' });
}, 100);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    clearInterval(timer);
    oocsi.close();
  });
}

const fault = await oocsi.closed;
clearInterval(timer);
if (fault) {
  console.error(fault.message);
  process.exitCode = 1;
}

/** How long all processors together have worked and existed, in ms. */
function cpuTimes() {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    total += all;
    busy += all - times.idle;
  }
  return { busy, total };
}
