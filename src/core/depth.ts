/** Whether JSON text nests objects and lists more than `limit` deep; linear, and without reading it. */
export function isDeeper(json: string, limit: number): boolean {
  let depth = 0;
  let isText = false;
  // Each level takes a bracket at either end, so most text is too short to be that deep.
  for (let at = 0; at < json.length && json.length > 2 * limit; at++) {
    const mark = json[at];
    if (mark === '"') isText = !isText;
    else if (isText) at += Number(mark === '\\');
    else if (mark === '{' || mark === '[') {
      if (++depth > limit) return true;
    } else if (mark === '}' || mark === ']') depth--;
  }
  return false;
}
