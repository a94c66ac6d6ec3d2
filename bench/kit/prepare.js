import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumPath } from '../../scripts/chromium.js';

const root = join(import.meta.dirname, '../..');
const bench = join(root, 'bench');

/** @type {(command: string, args: string[], cwd?: string) => boolean} */
function run(command, args, cwd = root) {
  return spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Builds what is measured. */
export function build() {
  if (!existsSync(join(root, 'node_modules/rollup')))
    throw new Error('Run `npm ci` first: it installs what the build needs.');
  const rollup = join(root, 'node_modules/rollup/dist/bin/rollup');
  if (!run(process.execPath, [rollup, '-c', 'rollup.config.ts', '--configPlugin', 'esbuild', '--silent'])) {
    throw new Error('The build failed; its message is above.');
  }
}

/**
 * Installs what we are compared with, where it may.
 *
 * @param {(line: string) => void} say
 * @returns {(variant: string) => boolean} whether a variant has to be left out
 */
export function getPeers(say) {
  const absent = [];
  if (!havePackages()) {
    say('Peers are left out: `npm ci` in bench/ failed.');
    absent.push('mqtt', 'socket.io', 'nats');
  } else if (!haveNats()) {
    say('nats is left out: install nats-server (Debian: sudo apt-get install nats-server).');
    absent.push('nats');
  }
  return (variant) => absent.some((name) => variant.startsWith(name));
}

function havePackages() {
  const lock = join(bench, 'package-lock.json');
  const installed = join(bench, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return true;
  return run('npm', ['ci', '--no-fund', '--no-audit'], bench);
}

function haveNats() {
  const isThere = () => spawnSync('nats-server', ['--version']).status === 0;
  if (isThere()) return true;
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  return (
    mayInstall &&
    run('apt-get', ['update', '-q']) &&
    run('apt-get', ['install', '-q', '-y', 'nats-server']) &&
    isThere()
  );
}

/** @param {(line: string) => void} say */
export function haveChromium(say) {
  if (chromiumPath()) return true;
  say('The browser cases are left out: install Chromium (Debian: sudo apt-get install chromium), or set CHROMIUM.');
  return false;
}
