// A child process: plays the role that it is named, and does what the parent says.
const [, , role = ''] = process.argv;
const methods = await import(`../roles/${role}.js`);

process.on('message', async ({ id, method, args }) => {
  try {
    process.send?.({ id, result: await methods[method](args) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.on('disconnect', async () => {
  await methods.end?.();
  process.exit();
});
process.send?.({ ready: true });
