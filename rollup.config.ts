import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { defineConfig, type Plugin } from 'rollup';
import dts from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';
import { weighTwice } from './build/annealing';
import { arrows, named, plain } from './build/shortest';

const typescript = () => esbuild({ target: 'es2022', tsconfig: 'tsconfig.json' });
const forBrowsers = () => [resolve({ browser: true }), commonjs(), typescript()];
const forNode = () => [nodeVariants, resolve(), typescript()];

const nodeOnly = { tcp: 'src/tcp.ts', server: 'src/server/index.ts', testing: 'src/testing/index.ts' };
const smallest = (options: { module?: boolean; mangle?: boolean }) =>
  terser({
    ...options,
    ecma: 2022,
    compress: {
      passes: 3,
      keep_fargs: false,
      unsafe_arrows: true,
      pure_getters: true,
      unsafe_proto: true,
      hoist_funs: true,
      lhs_constants: false,
      inline: 2,
    },
  });
const split = {
  format: 'es',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
} as const;

/** In Node `./socket` means `socket.node.ts`, where there is one. */
const nodeVariants: Plugin = {
  name: 'node-variants',
  resolveId(id, importer) {
    const file = importer && id.startsWith('.') ? join(dirname(importer), `${id}.node.ts`) : '';
    return existsSync(file) ? file : null;
  },
};

/** Leaves nothing of an older build behind. */
const clean: Plugin = {
  name: 'clean',
  buildStart: () => rm('dist', { recursive: true, force: true }),
};

/** What the demo pages use, so that they need no network. */
const vendor: Plugin = {
  name: 'vendor',
  async buildEnd() {
    const files = ['uPlot.esm.js', 'uPlot.min.css'].map((file) =>
      cp(`node_modules/uplot/dist/${file}`, `dist/vendor/${file}`),
    );
    await Promise.all(files);
  },
};

/** The names stay until all of them are chosen together. */
const unnamed = smallest({ module: true, mangle: false });
/** `LONG_SEARCH=6 npm run build` goes on from `build/found.json` for six rounds of two minutes each, and notes what it finds. */
const rounds = Number(process.env['LONG_SEARCH'] ?? 0);
const effort = rounds
  ? { quick: 0, rounds, names: 30_000, moves: 5_000, weigh: weighTwice }
  : { quick: 0, rounds: 1, names: 10_000, moves: 2_000 };
/** What makes the smallest file. It takes its time, so `npm start` does without. */
const smallestFile = process.env['QUICK_BUILD']
  ? [plain, smallest({ module: true })]
  : [plain, unnamed, arrows, unnamed, named(effort, rounds > 0)];

export default defineConfig([
  // First, as the smallest file is made with a look at them.
  {
    input: { index: 'src/index.ts', ...nodeOnly },
    external: [/^node:/],
    plugins: [clean, dts()],
    output: {
      dir: 'dist/types',
      format: 'es',
      // Users need it for `Disposable`, and rollup-plugin-dts drops it from the sources.
      banner: '/// <reference lib="esnext.disposable" />',
      chunkFileNames: 'chunks/[name]-[hash].d.ts',
    },
  },
  // Bundlers, workers and everything else that is not Node: nothing left to resolve.
  {
    input: {
      index: 'src/index.ts',
      tcp: 'src/tcp.browser.ts',
      server: 'src/server/index.browser.ts',
      testing: 'src/testing/index.ts',
    },
    plugins: forBrowsers(),
    output: { dir: 'dist/browser', ...split },
  },
  {
    input: { index: 'src/index.ts', ...nodeOnly },
    external: [/^node:/, 'isomorphic-ws', 'ws', 'nanoid'],
    plugins: forNode(),
    output: { dir: 'dist/node', ...split },
  },
  // One file for <script>.
  {
    input: 'src/script.ts',
    plugins: [...forBrowsers(), vendor],
    output: [
      { file: 'dist/oocsi.js', format: 'es' },
      {
        file: 'dist/oocsi.min.js',
        format: 'es',
        sourcemap: 'hidden',
        plugins: smallestFile,
      },
      { file: 'dist/oocsi.iife.js', format: 'iife', name: 'OOCSI', sourcemap: true, plugins: [smallest({})] },
    ],
  },
]);
