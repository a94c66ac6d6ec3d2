import type { Draft } from './draft';

const shortest = 3;
const longest = 8;
const bits = 20;

/**
 * How much of a text was not there before: how many different pieces of 3 to 8 characters it has. A compressor finds
 * the rest again. It says less than the compressor, and says it fifty times faster, as a new name changes few pieces.
 */
export class Novelty {
  value = 0;
  private readonly counts = new Uint16Array(2 ** bits);
  private taken: number[] = [];
  private added: number[] = [];

  constructor(private readonly draft: Draft) {
    const text = draft.toString();
    this.read(text, 0, text.length, this.added);
    this.count();
  }

  /** Calls names so in the draft; answers what takes it back. */
  call(wanted: Map<number, string>): () => void {
    const { draft } = this;
    const touched = new Set<number>();
    for (const name of wanted.keys()) for (const part of draft.partsOf[name] ?? []) touched.add(part);
    const parts = [...touched].sort((a, b) => a - b);
    this.taken = [];
    this.added = [];
    this.readAround(parts, this.taken);
    const before = draft.call(wanted);
    this.readAround(parts, this.added);
    this.count();
    return () => {
      draft.call(before);
      [this.taken, this.added] = [this.added, this.taken];
      this.count();
    };
  }

  private count(): void {
    const { counts } = this;
    for (const at of this.taken) {
      const left = (counts[at] ?? 0) - 1;
      counts[at] = left;
      if (left === 0) this.value--;
    }
    for (const at of this.added) {
      const before = counts[at] ?? 0;
      counts[at] = before + 1;
      if (before === 0) this.value++;
    }
  }

  /** The pieces that overlap these parts. */
  private readAround(changed: number[], into: number[]): void {
    const { parts } = this.draft;
    const margin = longest - 1;
    for (let next = 0; next < changed.length; ) {
      const part = changed[next++] ?? 0;
      let before = '';
      for (let at = part - 1; at >= 0 && before.length < margin; at--) before = `${parts[at]}${before}`;
      before = before.slice(-margin);
      let text = `${before}${parts[part]}`;
      let end = text.length;
      for (let at = part + 1; at < parts.length && text.length < end + margin; at++) {
        text += parts[at];
        if (changed[next] === at) {
          end = text.length;
          next++;
        }
      }
      this.read(text.slice(0, end + margin), before.length, end, into);
    }
  }

  /** The pieces of a text that overlap what is from `start` to `end`. */
  private read(text: string, start: number, end: number, into: number[]): void {
    for (let from = Math.max(0, start - longest + 1); from < end; from++) {
      let hash = 0;
      for (let at = from; at < Math.min(text.length, from + longest); at++) {
        hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1);
        hash ^= hash >>> 15;
        if (at >= start && at - from + 1 >= shortest) into.push(Math.imul(hash, 0x85ebca6b) >>> (32 - bits));
      }
    }
  }
}
