import type { Channels } from './channels';
import { splitPassword } from './claim';
import type { Connection } from './connection';
import type { Delayed } from './delayed';
import type { Presence } from './presence';
import type { Retained } from './retained';
import type { ServerLimits } from './server-limits';

/** What the quotas are of. */
export interface Stock {
  readonly limits: ServerLimits;
  readonly channels: Channels<Connection>;
  readonly presence: Presence;
  readonly retained: Retained;
  readonly delayed: Delayed;
}

/** What clients may take up; each gives, in words, why something is too much. */
export interface Quotas {
  /** Of a name, or a password behind it. */
  name(text: string): string | undefined;
  /** Of one more channel, or name that is watched. */
  subscription(client: Connection, isNew: boolean): string | undefined;
  /** Of a message that is to wait. */
  delay(recipient: string, length: number, due: number, now: number): string | undefined;
  /** Of a message that its channel is to keep. */
  keep(recipient: string, length: number): string | undefined;
}

export function createQuotas({ limits, channels, presence, retained, delayed }: Stock): Quotas {
  const tooLong = `data longer than ${limits.kept} characters is neither kept nor delayed`;
  return {
    name(text) {
      // A character has three bytes at most.
      if (text.length * 3 <= limits.name) return undefined;
      const isTooLong = splitPassword(text).some((part = '') => bytesOf(part) > limits.name);
      return isTooLong ? `name longer than ${limits.name} bytes` : undefined;
    },
    subscription(client, isNew) {
      if (channels.countOf(client) + presence.countOf(client) >= limits.channelsPerClient) {
        return `too many subscriptions: ${limits.channelsPerClient} at most`;
      }
      const isFull = isNew && channels.size + presence.size >= limits.channels;
      return isFull ? 'the server has too many channels: try again later' : undefined;
    },
    delay(recipient, length, due, now) {
      if (length > limits.kept) return tooLong;
      if (due - now > limits.delay) return `delay longer than ${limits.delay / 1_000} s`;
      const isFull = delayed.size >= limits.delayed && !delayed.has(recipient);
      return isFull ? 'too many delayed messages: try again later' : undefined;
    },
    keep(recipient, length) {
      if (length > limits.kept) return tooLong;
      const [channel] = splitPassword(recipient);
      const isFull = retained.size >= limits.retained && !retained.has(channel);
      return isFull ? 'too many messages are kept: try again later' : undefined;
    },
  };
}

/** The length of a text in UTF-8. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
