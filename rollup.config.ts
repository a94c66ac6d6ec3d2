import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { defineConfig, type Plugin } from 'rollup';
import dts from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const typescript = () => esbuild({ target: 'es2022', tsconfig: 'tsconfig.json' });
const forBrowsers = () => [resolve({ browser: true }), commonjs(), typescript()];
const forNode = () => [resolve({ exportConditions: ['node'] }), typescript()];

const nodeOnly = { tcp: 'src/tcp.ts', server: 'src/server/index.ts', testing: 'src/testing/index.ts' };
const split = {
  format: 'es',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
} as const;

/** What checks filters is a part of files that stand alone, as in Node; elsewhere it is loaded when a filter is used. */
const filtersIncluded: Plugin = {
  name: 'filters-included',
  resolveId(id) {
    return id === '#filter-check' ? join(import.meta.dirname, 'src/protocol/filter-check-node.ts') : null;
  },
};

/** Leaves what checks filters to a file of its own. */
const filtersBeside: Plugin = {
  name: 'filters-beside',
  resolveDynamicImport: () => ({ id: './oocsi-filters.min.js', external: true }),
};

/** Types are those of Node, which know more: the plugin for types asks nobody for names with `#`. */
const typesOfNode: Plugin = {
  name: 'types-of-node',
  resolveId(id) {
    const files = new Map([
      ['#platform', 'src/platform/node.ts'],
      ['#filter-check', 'src/protocol/filter-check-node.ts'],
    ]);
    const file = files.get(id);
    return file ? join(import.meta.dirname, file) : null;
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

/** No file does anything but to be imported, as package.json says, too. */
const treeshake = { moduleSideEffects: false };

export default defineConfig([
  {
    input: { index: 'src/index.ts', ...nodeOnly },
    external: [/^node:/],
    plugins: [clean, typesOfNode, dts()],
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
      tcp: 'src/tcp.ts',
      server: 'src/server/index.browser.ts',
      testing: 'src/testing/index.ts',
    },
    plugins: forBrowsers(),
    treeshake,
    output: { dir: 'dist/browser', ...split },
  },
  {
    input: { index: 'src/index.ts', ...nodeOnly },
    external: [/^node:/, 'isomorphic-ws', 'ws', 'nanoid'],
    plugins: forNode(),
    treeshake,
    output: { dir: 'dist/node', ...split },
  },
  // One file for <script>.
  {
    input: 'src/script.ts',
    plugins: [filtersIncluded, ...forBrowsers(), vendor],
    treeshake,
    output: [
      { file: 'dist/oocsi.js', format: 'es' },
      { file: 'dist/oocsi.iife.js', format: 'iife', name: 'OOCSI', sourcemap: true, plugins: [terser()] },
    ],
  },
  // The smallest one, and beside it what checks filters: it is loaded when a filter is used.
  {
    input: 'src/script.ts',
    external: ['./oocsi-filters.min.js'],
    plugins: [filtersBeside, ...forBrowsers()],
    treeshake,
    output: { file: 'dist/oocsi.min.js', format: 'es', sourcemap: 'hidden', plugins: [terser({ module: true })] },
  },
  {
    input: 'src/protocol/subscription-syntax.ts',
    plugins: forBrowsers(),
    treeshake,
    output: { file: 'dist/oocsi-filters.min.js', format: 'es', plugins: [terser({ module: true })] },
  },
]);
