import { inject } from 'vitest';
import { clientContract } from './client';

// Every test has a server of its own: the page asks the machine that runs the tests for one.
clientContract('websocket in Chromium', async () => {
  const control = inject('control');
  const url = await (await fetch(`${control}/start`, { method: 'POST' })).text();
  return {
    target: url,
    async [Symbol.asyncDispose]() {
      await fetch(`${control}/stop?url=${encodeURIComponent(url)}`, { method: 'POST' });
    },
  };
});
