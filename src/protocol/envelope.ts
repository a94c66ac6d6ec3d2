import { pureDataLine } from './pure-data/message-line';
import { fromMembers, type Member, type ServerData } from './raw-json';

const ours = new Set(['recipient', 'timestamp', 'sender']);

/** A message on its way to its receivers. What each dialect says is worded once, however many receive it. */
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
    /** Whose share of what is kept or waits it counts for. */
    readonly owners: readonly string[] = [],
  ) {}

  /** A line: the data's own keys and the three of the envelope in one object, which win over keys of the same name. */
  get line(): string {
    this.#line ??= this.flat();
    return this.#line;
  }

  /** A frame: the envelope around the data. */
  get web(): string {
    this.#web ??= `{${this.envelope()},"data":${this.data.text}}`;
    return this.#web;
  }

  /** A line for Pure Data. */
  get pureData(): string {
    this.#pureData ??= pureDataLine(this, this.own());
    return this.#pureData;
  }

  private flat(): string {
    const { data } = this;
    const clashes = data.hasOurs && data.members().some(([key]) => ours.has(key));
    const text = clashes ? fromMembers(this.own()).text : data.text;
    const inner = text.slice(1, -1).trim();
    return inner === '' ? `{${this.envelope()}}\n` : `{${inner},${this.envelope()}}\n`;
  }

  private own(): readonly Member[] {
    return this.data.members().filter(([key]) => !ours.has(key));
  }

  private envelope(): string {
    const { recipient, sender, timestamp } = this;
    return `"recipient":${quoted(recipient)},"timestamp":${timestamp},"sender":${quoted(sender)}`;
  }
}

/** A name as JSON; most names are so plain that looking at them is quicker than rewriting them. */
function quoted(name: string): string {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return JSON.stringify(name);
  }
  return `"${name}"`;
}
