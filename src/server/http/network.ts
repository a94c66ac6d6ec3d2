import type { Network } from '../broker/index';

/** A network as JSON, `{ nodes: [{ id, type }], links: [{ source, target }] }`, part by part. */
export function* networkParts({ clients, channels, subscribersOf }: Network): Generator<string, void> {
  yield '{"nodes":[';
  let comma = '';
  for (const [type, names] of [
    ['client', clients],
    ['channel', channels],
  ] as const) {
    for (const id of names) {
      yield `${comma}${JSON.stringify({ id, type })}`;
      comma = ',';
    }
  }
  yield '],"links":[';
  comma = '';
  for (const target of channels) {
    for (const source of subscribersOf(target)) {
      yield `${comma}${JSON.stringify({ source, target })}`;
      comma = ',';
    }
  }
  yield ']}\n';
}
