/** The first word of a command and what follows its one blank. */
export function words(text: string): { readonly verb: string; readonly rest: string } {
  const blank = text.indexOf(' ');
  return blank < 0 ? { verb: text, rest: '' } : { verb: text.slice(0, blank), rest: text.slice(blank + 1) };
}

/** Whether a name can be passed on: with a line break in it, it would start a line of its own. */
export function isName(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return text !== '' && !text.startsWith(':');
}
