import { readData, type ServerData } from './raw-json';

/** One flat object, in texts without escapes and short numbers: what JSON.parse would find nothing to change in. */
const flat =
  /^\{"[^"\\\0-\x1f]*":(?:"[^"\\\0-\x1f]*"|-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?|true|false)(?:,"[^"\\\0-\x1f]*":(?:"[^"\\\0-\x1f]*"|-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?|true|false))*\}$/;

/** Longer data is not worth a second look at its keys, in characters. */
const shortText = 4_096;

const quote = 0x22;

/**
 * Reads the data of one client, as {@link readData} does. Most clients send the same keys again and again: then it is
 * enough to see that they are the same, and data need not be parsed.
 */
export function createDataReader(): (text: string) => ServerData {
  /** How each member of the last flat data begins: `"color":`. They differ from each other. */
  let beginnings: readonly string[] = [];
  let last: ServerData | undefined;

  function isAlike(text: string): boolean {
    let at = 1;
    for (const beginning of beginnings) {
      if (!text.startsWith(beginning, at)) return false;
      at += beginning.length;
      const isText = text.charCodeAt(at) === quote;
      const end = isText ? text.indexOf('"', at + 1) + 1 : text.indexOf(',', at);
      at = (end < 0 ? text.length - 1 : end) + 1;
    }
    return at === text.length;
  }

  return (text) => {
    if (text.length > shortText || !flat.test(text)) return readData(text);
    if (last && isAlike(text)) {
      const { hasOurs, hasCallId } = last;
      return { text, hasOurs, hasCallId, members: () => readData(text).members() };
    }
    const data = readData(text);
    // Of a repeated key only the last one was kept.
    const isWhole = data.text === text;
    last = isWhole ? data : undefined;
    beginnings = isWhole ? data.members().map(([key]) => `"${key}":`) : [];
    return data;
  };
}
