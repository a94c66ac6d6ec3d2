import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './scripts/chromium.js';

// In Node `./socket` means `socket.node.ts`, where there is one.
const extensions = ['.node.ts', '.ts', '.mjs', '.js', '.json'];

const smallest = '\0smallest';

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { extensions },
        test: {
          name: 'node',
          include: ['test/*.test.ts', 'test/!(pages|package)/**/!(*.browser).test.ts'],
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
      {
        // These use what was built, in a real browser: pages, bundles, the packed package.
        resolve: { extensions },
        test: {
          name: 'built',
          include: ['test/{pages,package}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The smallest file has names of its own: what the core is tested for, it must do, too.
        plugins: [
          {
            name: 'smallest',
            enforce: 'pre',
            resolveId: (id) => (id.endsWith('/src/index') ? smallest : null),
            load: (id) =>
              id === smallest
                ? `export { memory } from '/src/adapters/memory'; export * from '/dist/oocsi.min.js';`
                : null,
          },
        ],
        resolve: { extensions },
        test: {
          name: 'smallest',
          include: ['test/core/{acks,bounds,client,flush,limits,lost,odd-values,outbox,presence,wake}.test.ts'],
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          globalSetup: ['test/helpers/browser-server.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
