import {
  checkFunctions,
  fromMembers,
  readFunctions,
  type ServerData,
  splitPassword,
  textOf,
} from '../../protocol/index';
import { evaluate } from './evaluate';
import { longestData, longestText, mostKeys } from './limits';
import { type Expression, parse } from './parser';
import { failed, isFailed, numberOf, printNumber, readNumber, truthOf, type Value } from './values';

/** The functions of one subscription, with the values that their windows remember. */
export interface ChannelFunctions {
  /** What the subscriber gets of a message, undefined for nothing. To be called once for each message, in order. */
  apply(data: ServerData, members?: Members): ServerData | undefined;
}

/** A name as it is subscribed to, taken apart. */
export interface Subscription {
  /** The channel, with its password. */
  readonly channel: string;
  /** What was between the brackets; undefined for a name without. */
  readonly functions?: string;
}

/**
 * Takes the functions out of a name that a client subscribes to; undefined when its brackets are broken.
 *
 * The password comes first off the name, so brackets in it mean nothing, and functions have no `:` in them. Functions
 * reach from the first `[` to the last `]`; what follows does not count. At the reference server a channel has either a
 * password or functions, and it cuts a name behind the last character other than `A-Za-z0-9_-`, which makes it another
 * channel's. Here every channel can have functions.
 *
 * @example
 * splitFunctions('room[filter(t>20)]:secret'); //=> { channel: 'room:secret', functions: 'filter(t>20)' }
 * splitFunctions('room'); //=> { channel: 'room' }
 * splitFunctions('room[filter(t>20)'); //=> undefined
 */
export function splitFunctions(text: string): Subscription | undefined {
  const [name, password] = splitPassword(text);
  const open = name.indexOf('[');
  if (open < 0) return { channel: text };
  const close = name.lastIndexOf(']');
  if (open === 0 || close < open) return undefined;
  const channel = name.slice(0, open);
  return {
    channel: password === undefined ? channel : `${channel}:${password}`,
    functions: name.slice(open + 1, close),
  };
}

/** The keys of data and the texts of their values. */
export type Members = ReadonlyMap<string, string>;

/** What functions see of data; undefined when it is beyond the limits, and nobody with functions gets it. */
export function membersOf(data: ServerData): Members | undefined {
  const members = data.text.length <= longestData ? data.members() : undefined;
  return members && members.length <= mostKeys ? new Map(members) : undefined;
}

/**
 * Reads `filter(EXPRESSION)` and `transform(KEY,EXPRESSION)`, any number of them, with `;` between.
 *
 * Filters come first and must all be true. One that does not parse lets nothing through, and so does text longer than
 * {@link longestText}. Transforms see the message as it was sent, and those without a result are left out. As at the
 * reference server, what is neither a filter nor a transform is ignored, and so is what stands around one.
 *
 * @example
 * createFunctions('filter(t>20);transform(f,t*1.8+32)').apply(readData('{"t":21}'))?.text; //=> '{"t":21,"f":69.8}'
 */
export function createFunctions(text: string): ChannelFunctions {
  const filters: (Expression | undefined)[] = [];
  const transforms: (readonly [key: string, expression: Expression | undefined])[] = [];
  if (text.length > longestText) filters.push(undefined);
  else {
    for (const one of readFunctions(text)) {
      if (one.kind === 'filter') filters.push(parse(one.expression));
      else transforms.push([one.key, parse(one.expression)]);
    }
  }

  return {
    apply(data, members = membersOf(data)) {
      if (!members) return undefined;
      if (!filters.every((filter) => truthOf(value(filter, members)) === true)) return undefined;
      const changed = new Map(members);
      for (const [key, expression] of transforms) {
        const printed = printNumber(numberOf(value(expression, members, 0)));
        if (printed !== undefined) changed.set(key, printed);
      }
      return transforms.length === 0 ? data : fromMembers([...changed]);
    },
  };
}

/** Why functions cannot work, for the client that subscribes with them; undefined when they may. */
export function problemOf(text: string): string | undefined {
  if (text.length > longestText) return `functions longer than ${longestText} characters`;
  try {
    checkFunctions(text);
    return undefined;
  } catch (cause) {
    return textOf(cause);
  }
}

/**
 * The value of an expression for one message.
 *
 * @param missing what a key counts as that is not there; without it, an expression that needs the key has no result
 */
function value(expression: Expression | undefined, members: Members, missing?: number): Value {
  if (!expression) return failed;
  const variables = new Map<string, number>();
  for (const [name, key] of expression.variables) {
    const json = members.get(key);
    const number = json === undefined ? missing : readNumber(json);
    if (number === undefined) continue;
    // A key that is there but no number spoils the expression, even where a short cut would not look at it.
    if (isFailed(number)) return failed;
    variables.set(name, number);
  }
  return evaluate(expression.root, variables);
}
