/**
 * Cuts text that arrives in pieces into lines: split and joined anywhere, ended by `\n` or `\r\n`.
 *
 * @param line told each line, without its end
 * @param longest in characters; of a longer line the beginning is handed over as soon as it is, and the rest skipped
 * @param first the same for the first line
 * @returns takes the next piece
 */
export function createLineSplitter(
  line: (line: string) => void,
  longest = Number.POSITIVE_INFINITY,
  first = longest,
): (piece: string) => void {
  let rest = '';
  let isSkipped = false;
  let atMost = first;
  return (piece) => {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const text = rest + piece.slice(start, end);
      rest = '';
      start = end + 1;
      atMost = longest;
      if (!isSkipped) line(text.endsWith('\r') ? text.slice(0, -1) : text);
      isSkipped = false;
    }
    if (isSkipped) return;
    rest += piece.slice(start);
    if (rest.length > atMost) {
      isSkipped = true;
      line(rest);
      rest = '';
    }
  };
}
