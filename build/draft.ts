import type { Name, Place } from './names';
import type { Piece } from './pieces';

/** The shortest names, those that are frequent in texts first. */
export const letters = [...'etnrsoaicludfphmwgbyvkjxqzOESTACNIRLDMPUHGBFVWKYXQZJ_$'];

/** The text of a module while its names are being chosen: what stands between names, and the names, by turns. */
export class Draft {
  readonly parts: string[] = [];
  readonly called: string[];
  /** Which parts have a name in them. */
  readonly partsOf: number[][];
  private readonly placeAt = new Map<number, Place>();

  constructor(
    readonly code: string,
    readonly names: readonly Name[],
    readonly places: readonly Place[],
  ) {
    this.called = names.map(({ text }) => text);
    this.partsOf = names.map(() => []);
    let from = 0;
    for (const place of places) {
      const part = this.parts.push(code.slice(from, place.start), '') - 1;
      from = place.end;
      this.placeAt.set(part, place);
      for (const name of new Set([place.name, place.key])) {
        if (typeof name === 'number') this.partsOf[name]?.push(part);
      }
      this.write(part);
    }
    this.parts.push(code.slice(from));
  }

  toString(): string {
    return this.parts.join('');
  }

  pieces(): Piece[] {
    let at = 0;
    return this.parts.map((text, part) => {
      const place = this.placeAt.get(part);
      const from = place?.start ?? at;
      at = place?.end ?? at;
      return { text, from };
    });
  }

  /** Gives names, which have to fit; answers what they were. */
  call(wanted: Map<number, string>): Map<number, string> {
    const before = new Map<number, string>();
    for (const [name, text] of wanted) {
      before.set(name, this.called[name] ?? text);
      this.called[name] = text;
    }
    for (const name of wanted.keys()) {
      for (const part of this.partsOf[name] ?? []) this.write(part);
    }
    return before;
  }

  /** What has to be called how, so that this name can be called so: each rival in the way takes the name left. */
  exchange(name: number, text: string): Map<number, string> | undefined {
    const old = this.called[name] ?? text;
    const changes = new Map([[name, text]]);
    // A map gives what is added while it is read.
    for (const [one, wanted] of changes) {
      const known = this.names[one];
      if (old === text || !known || known.taken.has(wanted) || changes.size > 40) return undefined;
      for (const rival of known.rivals) {
        if (this.called[rival] === wanted && !changes.has(rival)) changes.set(rival, wanted === text ? old : text);
      }
    }
    return changes;
  }

  private write(part: number): void {
    const { key, name, exported } = this.placeAt.get(part) ?? {};
    const textOf = (it?: number | string): string | undefined => (typeof it === 'number' ? this.called[it] : it);
    const [left, right] = [textOf(key), textOf(name)];
    const both = exported ? `${right} as ${left}` : `${left}:${right}`;
    this.parts[part] = left === undefined || right === undefined || left === right ? (left ?? right ?? '') : both;
  }
}
