// A process that attacks when it is told to.
import { attacks } from './attacks.js';

process.on('message', async (/** @type {{ name: string, target: any }} */ { name, target }) => {
  await attacks[name]?.(target);
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
