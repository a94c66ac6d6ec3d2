import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './scripts/chromium.js';

/** Limits for what hangs, which are no measure of how fast it is to be. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          ...patience,
          include: ['test/*.test.ts', 'test/!(pages|package)/**/!(*.browser).test.ts'],
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
      {
        // These use what was built, in a real browser: pages, bundles, the packed package.
        test: {
          name: 'built',
          ...patience,
          include: ['test/{pages,package}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'browser',
          ...patience,
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
