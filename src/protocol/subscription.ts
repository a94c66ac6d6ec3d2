import { checkFilters } from '#filter-check';
import { kindOf, refuse } from '../util/index';
import { channelOf, checkName, masked } from './check-names';

/** How a channel is asked for: with a password, or with functions that the server applies to its messages. */
export interface Form {
  /** The password of the channel; whoever subscribes first sets it. */
  readonly password?: string | undefined;
  /** Only messages for which this holds, such as `'color > 100'`; of several, all must hold. */
  readonly filter?: string | readonly string[] | undefined;
  /** Keys that are computed anew, such as `{ color: 'color / 2' }`. */
  readonly transform?: Readonly<Record<string, string>> | undefined;
}

/**
 * A channel as a server knows it: `name`, or `name:password`.
 *
 * @throws TypeError when it cannot be
 */
export function withPassword(name: string, { password }: Pick<Form, 'password'>): string {
  if (password === undefined) return name;
  checkName('password', password);
  if (channelOf(name) !== name) refuse('password', '***', `: ${masked(name)} has one, or functions, in its name`);
  return `${name}:${password}`;
}

/**
 * A channel as a server is asked for it: `name`, `name:password` or `name[filter(…);transform(…)]`.
 *
 * @throws TypeError when it cannot be asked for
 */
export function wireName(name: string, { filter = [], transform = {}, ...form }: Form): string {
  const functions = [
    ...[filter].flat().map((text) => `filter(${expression(text)})`),
    ...Object.entries(transform).map(([key, text]) => `transform(${expression(key, /^\w+$/)},${expression(text)})`),
  ].join(';');
  return withPassword(functions ? `${name}[${functions}]` : name, form);
}

/**
 * Checks the expressions of a form, and those in a name such as `room[filter(n > 1)]`.
 *
 * @returns where they are checked later, why one cannot work; undefined when nothing is left to check
 * @throws TypeError where they are checked at once, for the first that cannot work
 */
export function checkForm(name: string, { filter, transform }: Form): ReturnType<typeof checkFilters> | undefined {
  if (filter === null) refuse('filter', filter, ": use an expression such as 'color > 100', or a list of them");
  if (transform !== undefined && kindOf(transform) !== 'Object')
    refuse('transform', transform, ": use an object of expressions, such as { color: 'color / 2' }");
  const single = [filter ?? [], Object.values(transform ?? {})].flat(2);
  const functions = /\[(.*)\]$/s.exec(name)?.[1];
  return single.length > 0 || functions !== undefined ? checkFilters({ functions, single }) : undefined;
}

/** What could end an expression, and so begin another command, is refused. */
function expression(text: string, pattern = /^(?=.*[\p{L}\d])( |[^\s:;[\]\p{Cc}\p{Cs}])+$/u): string {
  checkName(
    'expression',
    text,
    pattern,
    ': use an expression such as color > 100, or color / 2 for a key of letters, digits and _',
  );
  if (text.split('(').length !== text.split(')').length) refuse('expression', text, ': close each bracket that opens');
  return text;
}
