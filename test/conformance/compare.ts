import { expect } from 'vitest';
import type { Departure } from './departures';
import { type Folder, load } from './hold';
import type { Received, Recorded } from './replay';

/** What a client got at one receive, as it is compared. */
interface Outcome {
  readonly client: string;
  readonly turn: number;
  readonly lines: readonly unknown[];
  readonly closed: boolean;
}

/** Checks that our server gave what was recorded, but for the departures. */
export function expectRecorded(name: string, received: readonly Received[], departures: readonly Departure[]): void {
  const own = departures.filter((one) => one.transcript === name);
  const wanted = received.map((one) => expected(one, own));
  expect(received.map((one, index) => actual(one, wanted[index]?.lines ?? []))).toEqual(wanted);
}

/** Checks that each departure is about something that was recorded, and is none of it. */
export async function expectDepartures(folder: Folder, departures: readonly Departure[]): Promise<void> {
  for (const { transcript, client, turn, lines, closed } of departures) {
    const { steps } = await load(folder, transcript);
    const recorded = steps.filter((step) => 'receive' in step && step.receive === client)[turn];
    expect(recorded, `${transcript}, ${client}, ${turn}`).toBeDefined();
    const ours = { ...recorded, ...(lines && { lines }), ...(closed && { closed }) };
    expect(ours, `${transcript}, ${client}, ${turn}`).not.toEqual(recorded);
  }
}

function expected({ client, turn, recorded }: Received, departures: readonly Departure[]): Outcome {
  const own = departures.filter((one) => one.client === client && one.turn <= turn);
  const lines = own.find((one) => one.turn === turn)?.lines ?? recorded.lines;
  return { client, turn, lines: lines.map(comparable), closed: recorded.closed || own.some((one) => one.closed) };
}

/** What our server gave: objects where objects were expected, any other line as its text. */
function actual({ client, turn, lines, closed }: Received, wanted: readonly unknown[]): Outcome {
  const read = (line: string, index: number): Recorded => (typeof wanted[index] === 'object' ? JSON.parse(line) : line);
  return { client, turn, lines: lines.map((line, at) => unfilled(comparable(read(line, at)), wanted[at])), closed };
}

/** Any integer is a timestamp or the age of a server, and lists of names have no order. */
function comparable(line: Recorded): Recorded {
  if (typeof line === 'string') return sorted(line);
  return Object.fromEntries(
    Object.entries(line).map(([key, value]) => {
      if (key === 'timestamp' || key === 'uptime') return [key, Number.isSafeInteger(value) ? `<${key}>` : value];
      if (key === 'refresh' && Array.isArray(value)) return [key, [...value].sort()];
      if (key === 'data' && isObject(value)) return [key, comparable(value)];
      return [key, /^(clients|channels)$/.test(key) && typeof value === 'string' ? sorted(value) : value];
    }),
  );
}

function sorted(names: string): string {
  if (names.startsWith('{')) return names;
  const between = /, ?/.exec(names)?.[0] ?? ',';
  return names.split(between).sort().join(between);
}

/** Puts `#` back where it was filled in: each stands for a digit. */
function unfilled(got: unknown, wanted: unknown): unknown {
  if (typeof got === 'string' && typeof wanted === 'string' && wanted.includes('#')) {
    const digits = new RegExp(`^${wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/#/g, '\\d')}$`);
    return digits.test(got) ? wanted : got;
  }
  if (!isObject(got) || !isObject(wanted)) return got;
  return Object.fromEntries(Object.entries(got).map(([key, value]) => [key, unfilled(value, wanted[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
