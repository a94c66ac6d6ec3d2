import { asciiOnly } from '../core/line';
import { fromMembers, type Member, type ServerData } from './data';

const ours = new Set(['recipient', 'timestamp', 'sender']);

/** A message on its way to its receivers. Each dialect's text of it is made once, however many receive it. */
export class Envelope {
  #line: string | undefined;
  #web: string | undefined;
  #pureData: string | undefined;

  constructor(
    readonly recipient: string,
    readonly sender: string,
    /** ms since 1970 */
    readonly timestamp: number,
    readonly data: ServerData,
  ) {}

  /** The data's own keys and the three of the envelope in one object, which win over keys of the same name. */
  get line(): string {
    this.#line ??= asciiOnly(this.flat());
    return this.#line;
  }

  /** The envelope around the data. */
  get web(): string {
    this.#web ??= `{${this.envelope()},"data":${this.data.text}}`;
    return this.#web;
  }

  /** For Pure Data: `RECIPIENT timestamp=… sender=… key=value …`, keys in the order of the alphabet. */
  get pureData(): string {
    this.#pureData ??= `${this.recipient} ${[
      `timestamp=${this.timestamp}`,
      `sender=${this.sender}`,
      ...[...this.own()]
        .map(([key, value]) => [key, value, key.toLowerCase()] as const)
        .sort(([, , a], [, , b]) => (a < b ? -1 : Number(a > b)))
        .map(([key, value]) => `${key}=${spoken(value)}`),
    ].join(' ')} `.replace(/[\0-\x1f;]/g, ' ');
    return this.#pureData;
  }

  private flat(): string {
    // Only keys without a backslash can be told from the text; one with is looked at by name.
    const clash = /"(?:recipient|timestamp|sender)"|\\/.test(this.data.text);
    const text = clash ? fromMembers(this.own()).text : this.data.text;
    const inner = text.slice(1, -1).trim();
    return `{${inner === '' ? '' : `${inner},`}${this.envelope()}}`;
  }

  private own(): readonly Member[] {
    return this.data.members().filter(([key]) => !ours.has(key));
  }

  private envelope(): string {
    const { recipient, sender, timestamp } = this;
    return `"recipient":${JSON.stringify(recipient)},"timestamp":${timestamp},"sender":${JSON.stringify(sender)}`;
  }
}

/** A value as Pure Data reads it: texts without quotes, lists joined by commas. */
function spoken(json: string): string {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'string') return value;
  return Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(',')
    : json;
}
