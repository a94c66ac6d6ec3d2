// The same lines run in a page over WebSocket, and in Node over TCP and over WebSocket.

/** @param {typeof import('../../src/index')} oocsi */
export async function play({ connect }, address, handle, channel) {
  const heard = [];
  const states = [];
  const client = await connect(address, { handle, on: { state: ({ status }) => states.push(status) } });
  const stop = client.subscribe(channel, ({ sender, data }) => heard.push(`${sender}: ${data.text}`));
  const direct = new Promise((resolve) => client.subscribe(({ data }) => resolve(data)));
  const loop = client.messages(channel);
  client.send(client.handle, { number: 1.5, list: [1, null, 'é😀'], deep: { yes: true } });
  const echo = await direct;
  const friend = await connect(address, { handle: 'friend_####' });
  friend.send(channel, { text: 'hello' });
  const { value } = await loop.next();
  stop();
  friend.send(channel, { text: 'not heard' });
  await friend.close();
  await client.close();
  const after = await loop.next();
  return { handle: client.handle, echo, heard, value: value.data, done: after.done, states };
}
