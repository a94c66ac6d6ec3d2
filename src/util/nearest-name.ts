/** The name of `known` that is most like `name`, if one is so near that it may be meant; case does not matter. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  // One letter in three may be wrong, but hardly more than three in all.
  let tooMany = 1 + Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  for (const one of known) {
    const edits = editsBetween(name.toLowerCase(), one.toLowerCase());
    if (edits < tooMany) [nearest, tooMany] = [one, edits];
  }
  return nearest;
}

/** How many letters must be changed, put in or taken out to make one word of the other. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one.slice(0, 20)].entries()) {
    const before = row;
    row = [index + 1];
    for (let at = 0; at < other.length; at++) {
      const changed = (before[at] ?? 0) + Number(other[at] !== letter);
      row.push(Math.min(changed, (before[at + 1] ?? 0) + 1, (row[at] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
