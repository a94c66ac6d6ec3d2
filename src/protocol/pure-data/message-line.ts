import { endOfString, type Member } from '../raw-json';
import { watchedName } from '../reserved-names';

/** What a line for Pure Data tells. */
export interface Told {
  readonly recipient: string;
  readonly sender: string;
  /** ms since 1970 */
  readonly timestamp: number;
}

/** `RECIPIENT timestamp=… sender=… key=value … ;`, keys in the order of the alphabet. */
export function pureDataLine({ recipient, sender, timestamp }: Told, members: readonly Member[]): string {
  const own = members.map(([key, value]) => [key, value, key.toLowerCase()] as const);
  own.sort(([, , a], [, , b]) => (a < b ? -1 : Number(a > b)));
  const isPresence = watchedName(recipient) !== undefined;
  const words = [recipient, `timestamp=${timestamp}`, `sender=${sender}`];
  for (const [key, value] of own) words.push(`${key}=${isPresence ? presenceWord(value) : word(value)}`);
  return `${words.join(' ').replace(/[\0-\x1f;]/g, ' ')} ;\n`;
}

/** The handles in a presence come in brackets, as at the reference server: patches look for these. */
function presenceWord(json: string): string {
  return json.startsWith('[') ? `[${itemsOf(compact(json)).map(plainWord).join(', ')}]` : plainWord(json);
}

/** Lists are joined by commas. */
function word(json: string): string {
  return json.startsWith('[') ? itemsOf(compact(json)).map(plainWord).join(',') : plainWord(json);
}

/** Texts come without quotes, the rest as JSON without white space between its parts: at each, Pure Data would cut. */
function plainWord(json: string): string {
  return json.startsWith('"') ? JSON.parse(json) : compact(json);
}

function compact(json: string): string {
  let text = '';
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const start = quote < 0 ? json.length : quote;
    text += json.slice(at, start).replace(/\s+/g, '');
    at = quote < 0 ? start : endOfString(json, quote) + 1;
    text += json.slice(start, at);
  }
  return text;
}

/** The items of a list without white space between its parts. */
function itemsOf(list: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 0; at < list.length; at++) {
    const character = list[at];
    if (character === '"') at = endOfString(list, at);
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    const isEnd = depth === 0 || (depth === 1 && character === ',');
    if (!isEnd) continue;
    if (at > 1) items.push(list.slice(start, at));
    start = at + 1;
  }
  return items;
}
