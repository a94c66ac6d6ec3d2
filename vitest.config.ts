import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './scripts/chromium.js';

// In Node `./socket` means `socket.node.ts`, where there is one.
const extensions = ['.node.ts', '.ts', '.mjs', '.js', '.json'];

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
