import { sleep } from './clock.js';
import { median, ratio } from './figures.js';

/**
 * @typedef {object} Plan
 * @property {number} generations how often the processes of a case are started anew
 * @property {number} rounds how often each variant is measured in one generation
 * @property {number} ms how long a round lasts
 * @property {number} warmUp how long each variant runs before, in ms
 *
 * @typedef {{ median: number, rounds: number[], also: Record<string, number> }} Measured
 * @typedef {{ text: string, value: number | undefined, unit: string, bound: string, passed: boolean | undefined }} Judged
 *   `passed` is undefined where there was nothing to compare with
 * @typedef {object} Result
 * @property {string} name
 * @property {string} group
 * @property {string} title
 * @property {string} unit
 * @property {Record<string, Measured>} variants
 * @property {Record<string, { median: number, least: number, most: number }>} ratios of the first variant to the others
 * @property {Judged[]} gates
 * @property {readonly [string, number]} [growth]
 * @property {string} [fault]
 */

/**
 * Measures the variants of a case in turn, so that the machine's moods meet all of them.
 *
 * @param {import('../cases.js').Case} it
 * @param {Plan} plan
 * @param {(variant: string) => boolean} isAbsent
 * @returns {Promise<Result>}
 */
export async function measure(it, plan, isAbsent) {
  const names = Object.keys(it.variants).filter((name) => !isAbsent(name));
  /** @type {Record<string, import('./setups.js').Round[]>} */
  const seen = Object.fromEntries(names.map((name) => [name, []]));
  let fault;
  try {
    for (let generation = 0; generation < plan.generations; generation++) {
      await runGeneration(it, generation % 2 === 0 ? names : [...names].reverse(), plan, seen);
    }
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  const variants = Object.fromEntries(names.map((name) => [name, summed(seen[name], it)]));
  const [ours = '', ...others] = names;
  const enough = Math.min(...names.map((name) => seen[name].length)) > 0;
  const ratios = Object.fromEntries(
    enough ? others.map((other) => [other, ratio(variants[ours].rounds, variants[other].rounds)]) : [],
  );
  const gates = (it.gates ?? []).map((gate) => judge(gate, it.unit, variants, fault !== undefined));
  const { name, group, title, unit, growth } = it;
  return { name, group, title, unit, variants, ratios, gates, ...(growth && { growth }), ...(fault && { fault }) };
}

/** @type {(it: import('../cases.js').Case, names: string[], plan: Plan, seen: Record<string, import('./setups.js').Round[]>) => Promise<void>} */
async function runGeneration(it, names, { rounds, ms, warmUp }, seen) {
  /** @type {Map<string, import('./setups.js').Started>} */
  const started = new Map();
  try {
    for (const name of names) {
      const one = await it.variants[name]();
      started.set(name, one);
      if (it.once) continue;
      // The first go tells how long one takes; the second one warms up.
      await one.round(warmUp / 10);
      await one.round(warmUp * (it.warmth ?? 1));
    }
    for (let round = 0; round < (it.once ? 1 : rounds); round++) {
      const order = round % 2 === 0 ? names : [...names].reverse();
      for (const name of order) {
        const result = await started.get(name)?.round(ms);
        if (result) seen[name].push(result);
        await sleep(10);
      }
    }
  } finally {
    await Promise.all([...started.values()].map((one) => one.end()));
  }
}

/** @type {(rounds: import('./setups.js').Round[], it: import('../cases.js').Case) => Measured} */
function summed(rounds, { figure, also = [] }) {
  const of = (/** @type {string} */ name) => rounds.map((round) => round[name]);
  return {
    median: median(of(figure)),
    rounds: of(figure),
    also: Object.fromEntries(also.map((name) => [name, median(of(name))])),
  };
}

/** @type {(gate: import('../cases.js').Gate, figureUnit: string, variants: Record<string, Measured>, failed: boolean) => Judged} */
function judge({ of, to, atLeast, atMost }, figureUnit, variants, failed) {
  const unit = to === undefined ? figureUnit : '';
  const bound =
    atLeast === undefined ? `at most ${atMost?.toLocaleString('en')}` : `at least ${atLeast.toLocaleString('en')}`;
  const text = to === undefined ? of : `${of} to ${to}`;
  const ours = variants[of];
  const theirs = to === undefined ? undefined : variants[to];
  if (failed) return { text, value: undefined, unit, bound, passed: false };
  if (!ours || (to !== undefined && !theirs)) return { text, value: undefined, unit, bound, passed: undefined };
  const value = theirs ? ratio(ours.rounds, theirs.rounds).median : ours.median;
  const passed = value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
  return { text, value, unit, bound, passed };
}

/**
 * The points of the chart of growth: the µs that one delivery costs.
 *
 * @param {readonly Pick<Result, 'growth' | 'variants' | 'fault'>[]} results
 */
export function growthOf(results) {
  return results.flatMap(({ growth, variants, fault }) => {
    if (!growth || fault) return [];
    const [what, size] = growth;
    return Object.entries(variants).map(([name, { median }]) => ({
      series: name === 'bare sockets' ? `${what}, ${name}` : what,
      size,
      cost: 1e6 / median,
    }));
  });
}
