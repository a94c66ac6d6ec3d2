// `npm start`: builds what is missing, starts the server and what the demos talk to, and says where everything is.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const usage = [
  'Usage: npm start -- [--host 0.0.0.0] [--port 9000] [--tcp-port 4444] [--no-sensor]',
  '                    [--tls-key key.pem --tls-cert cert.pem] [--store kept.json]',
].join('\n');

/** @param {string} line */
function fail(line) {
  console.error(line);
  process.exit(1);
}

// npm runs this through a shell, which passes no signal on: when npm is ended, only the shell is seen to go.
const shell = process.ppid;

function readOptions() {
  /** @type {(text: string | undefined, name: string) => number | undefined} */
  const port = (text, name) => {
    if (text === undefined) return undefined;
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
      fail(`--${name} ${text} is no port: choose one from 0 to 65535.`);
    return Number(text);
  };
  /** @type {(file: string | undefined, name: string) => string | undefined} */
  const pem = (file, name) => {
    if (file === undefined) fail(`--${name} is missing: TLS needs a key and a certificate.`);
    else if (!existsSync(file)) fail(`--${name} ${file} is no file.`);
    else return readFileSync(file, 'utf8');
  };
  try {
    const options = /** @type {const} */ ({
      host: { type: 'string' },
      port: { type: 'string' },
      'tcp-port': { type: 'string' },
      'no-sensor': { type: 'boolean' },
      'tls-key': { type: 'string' },
      'tls-cert': { type: 'string' },
      store: { type: 'string' },
      help: { type: 'boolean' },
    });
    const { values } = parseArgs({ options });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const { 'tls-key': key, 'tls-cert': cert } = values;
    return {
      tls: (key ?? cert) === undefined ? undefined : { key: pem(key, 'tls-key'), cert: pem(cert, 'tls-cert') },
      certificate: cert && resolve(cert),
      storePath: values.store,
      host: values.host,
      port: port(values.port, 'port'),
      tcpPort: port(values['tcp-port'], 'tcp-port'),
      sensor: !values['no-sensor'],
    };
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split('\n');
    return fail(`${line}\n${usage}`);
  }
}

/** The newest time at which a file of a folder was changed; 0 when there is no such folder. */
function newest(/** @type {string} */ folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(0, ...files.map((file) => statSync(join(folder, file)).mtimeMs));
}

function buildWhatIsMissing() {
  const built = join(root, 'dist/node/server.js');
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, 'src'))) return;
  if (!existsSync(join(root, 'node_modules/rollup'))) fail('Run `npm ci` first: it installs what the build needs.');
  console.log('Building …');
  const rollup = join(root, 'node_modules/rollup/dist/bin/rollup');
  const args = [rollup, '-c', 'rollup.config.ts', '--configPlugin', 'esbuild', '--silent'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('The build failed; its message is above.');
}

/** Where other machines of the network find this one. */
function lanAddresses() {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** What browsers of the network may call this machine. */
function machineNames() {
  const name = hostname();
  // A name of digits would be read as an address.
  return !/^(?!\d+$)\w[\w.-]*$/.test(name) ? [] : [...new Set([name, `${name.replace(/\.local$/, '')}.local`])];
}

/** Lets in pages that were opened from files. It stays the same, or their addresses would have to change each time. */
function readFileToken() {
  const folder = join(root, 'node_modules/.cache/oocsi-client');
  const file = join(folder, 'file-token');
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (/^[\w-]{16,128}$/.test(token)) return token;
  } catch {
    // There is none yet.
  }
  const token = randomBytes(18).toString('base64url');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
  } catch (error) {
    console.log(`\nThe token for pages from files could not be kept, so the next start makes another one: ${error}`);
  }
  return token;
}

const { sensor: withSensor, certificate, storePath, ...options } = readOptions() ?? {};
if (options.port && options.port === options.tcpPort) {
  fail(`--port and --tcp-port are both ${options.port}: choose two different ones.`);
}
buildWhatIsMissing();
const { fileStore, startServer } = await import('../dist/node/server.js');

/**
 * What was asked for besides: without it, the advice for a second port in use would lead back to the first one.
 *
 * @param {string} option that is to change
 */
function otherArguments(option) {
  const all = process.argv.slice(2);
  return all.filter((text, at) => text !== option && !text.startsWith(`${option}=`) && all[at - 1] !== option);
}

/** @param {unknown} error */
function explain(error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  if (!cause || !('code' in cause) || cause.code !== 'EADDRINUSE' || !('port' in cause)) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const option = cause.port === (options.tcpPort ?? 4444) ? 'tcp-port' : 'port';
  const again = [...otherArguments(`--${option}`), `--${option}`, Number(cause.port) + 1].join(' ');
  return fail(`Port ${cause.port} is in use by another program. Choose another one: npm start -- ${again}`);
}

const fileToken = readFileToken();
const server = await startServer({
  ...options,
  // Who tries things out here opens pages from files, too. Any site has frames with their origin, but not the token.
  fileToken,
  hostNames: machineNames(),
  ...(storePath !== undefined && { store: fileStore(storePath) }),
  logger: (line) => line.startsWith('warning') && console.log(`\n${line}`),
}).catch(explain);
const hosts = [
  new URL(server.url).hostname,
  ...(options.host === '0.0.0.0' || options.host === '::' ? lanAddresses() : []),
];

console.log('\nOOCSI is running. Ctrl-C ends it.\n');
const [http, ws, tcp] = options.tls ? ['https', 'wss', 'tls://'] : ['http', 'ws', ''];
for (const host of hosts) console.log(`  Open in a browser        ${http}://${host}:${server.port}/`);
for (const host of hosts) console.log(`  Connect from a page      ${ws}://${host}:${server.port}/ws`);
for (const host of hosts) console.log(`  Connect over TCP         ${tcp}${host}:${server.tcpPort}`);
console.log(`
  A page that you open as a file, by a double click, needs a token to connect:
                           ${ws}://${hosts[0]}:${server.port}/ws?token=${fileToken}
`);

/** The scripts that the demos live and calls talk to. */
const scripts = [...(withSensor ? ['live/sensor.js'] : []), 'calls/responder.js'].map((name) => {
  const child = spawn(process.execPath, [join(root, 'demo', name), server.tcpUrl], {
    stdio: 'inherit',
    // They trust a certificate that was made for this machine, too.
    env: { ...process.env, ...(certificate && { NODE_EXTRA_CA_CERTS: certificate }) },
  });
  child.on('exit', (code) => {
    if (!ending && code !== 0) console.error(`demo/${name} ended; the server goes on.`);
  });
  return { child, gone: new Promise((resolve) => child.on('exit', resolve)) };
});

let ending = false;
async function end() {
  // Ctrl-C under npm comes twice: from the terminal, and from npm. The server is to save all the same.
  if (ending) return;
  ending = true;
  for (const { child } of scripts) child.kill('SIGTERM');
  await Promise.all(scripts.map(({ gone }) => gone));
  await server.close().catch((error) => fail(error.message));
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);

const watch = setInterval(() => {
  if (process.ppid === shell) return;
  clearInterval(watch);
  end();
}, 250);
if (process.env.npm_lifecycle_event !== 'start') clearInterval(watch);
