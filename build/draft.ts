import type { Name, Place } from './names';
import type { Piece } from './pieces';

/** The shortest names, those that are frequent in texts first. */
export const letters = [...'etnrsoaicludfphmwgbyvkjxqzOESTACNIRLDMPUHGBFVWKYXQZJ_$'];

/** The text of a module while its names and its order are being chosen. */
export class Draft {
  /** The text in pieces, as it stood: each is a place of names, or what stands in between. */
  readonly parts: string[] = [];
  readonly called: string[];
  /** Which parts have a name in them. */
  readonly partsOf: number[][];
  private readonly placeAt = new Map<number, Place>();
  /** Where each part begins, and which part begins there. */
  private readonly starts: number[] = [];
  private readonly partAt = new Map<number, number>();
  private order: readonly number[];

  /** @param cuts where parts end because something else may stand behind them */
  constructor(
    readonly code: string,
    readonly names: readonly Name[],
    readonly places: readonly Place[],
    cuts: readonly number[] = [],
  ) {
    this.called = names.map(({ text }) => text);
    this.partsOf = names.map(() => []);
    const open = [...new Set(cuts)].sort((a, b) => a - b);
    let from = 0;
    const goOn = (to: number): void => {
      while ((open[0] ?? Infinity) <= from) open.shift();
      while ((open[0] ?? Infinity) < to) {
        const cut = open.shift() ?? to;
        this.add(from, cut);
        from = cut;
      }
      if (from < to) this.add(from, to);
      from = to;
    };
    for (const place of places) {
      goOn(place.start);
      const part = this.add(place.start, place.end);
      from = place.end;
      this.placeAt.set(part, place);
      for (const name of new Set([place.name, place.key])) {
        if (typeof name === 'number') this.partsOf[name]?.push(part);
      }
      this.write(part);
    }
    goOn(code.length);
    this.partAt.set(code.length, this.parts.length);
    this.order = [...this.parts.keys()];
  }

  toString(): string {
    let text = '';
    for (const part of this.order) text += this.parts[part];
    return text;
  }

  pieces(): Piece[] {
    return this.order.map((part) => ({ text: this.parts[part] ?? '', from: this.starts[part] ?? 0 }));
  }

  /** Takes another order of these ranges of the code. */
  arrange(ranges: readonly (readonly [start: number, end: number])[]): void {
    const order: number[] = [];
    for (const [start, end] of ranges) {
      for (let part = this.partAt.get(start) ?? 0; part < (this.partAt.get(end) ?? 0); part++) order.push(part);
    }
    this.order = order;
  }

  private add(start: number, end: number): number {
    this.partAt.set(start, this.parts.length);
    this.starts.push(start);
    return this.parts.push(this.code.slice(start, end)) - 1;
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
