/**
 * Cuts text that arrives in pieces into lines: split and joined anywhere, ended by `\n` or `\r\n`.
 *
 * @param line told each line, without its end
 * @param longest in characters; a longer line is handed over as soon as it is, and what follows is its own line
 * @param first the same for the first line
 * @returns takes the next piece
 */
export function createLineSplitter(
  line: (line: string) => void,
  longest = Number.POSITIVE_INFINITY,
  first = longest,
): (piece: string) => void {
  let rest = '';
  let atMost = first;
  return (piece) => {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const text = rest + piece.slice(start, end);
      rest = '';
      start = end + 1;
      atMost = longest;
      line(text.endsWith('\r') ? text.slice(0, -1) : text);
    }
    rest += piece.slice(start);
    if (rest.length > atMost) {
      atMost = longest;
      line(rest);
      rest = '';
    }
  };
}
