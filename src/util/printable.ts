/** What a terminal would not show but obey, and what changes the direction of text or breaks lines. */
const dangerous = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text for a log: on one line, and without anything that a terminal would obey.
 *
 * @example
 * printable('a\nb'); //=> 'a\\u000ab'
 */
export function printable(text: string): string {
  return text.replace(dangerous, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
