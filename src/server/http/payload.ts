import { fromMembers, isServersOwn, type Member, readData, type ServerData, textOf } from '../../protocol/index';
import type { HttpRequest } from './request';
import { HttpError } from './response';

/** Data and what a form says about itself. */
export interface Payload {
  readonly data: ServerData;
  /** The handle that the message is to come from. */
  readonly sender: string | undefined;
}

/**
 * The data in the body of a request: JSON, or a form, whose values are texts.
 *
 * @throws HttpError that says what is wrong with it
 */
export async function readPayload(request: HttpRequest): Promise<Payload> {
  const body = await request.body();
  // `curl -d '{…}'` says that its data is a form.
  if (/^\s*\{/.test(body)) return take(readJson(body).members());
  if (body.trim() === '') throw new HttpError(400, 'The body is empty: send JSON such as {"color":120}, or a form.');
  if (request.type === 'application/x-www-form-urlencoded') return take(membersOf(new URLSearchParams(body)));
  if (request.type === 'application/json')
    throw new HttpError(400, 'The JSON must be an object such as {"color":120}.');
  throw new HttpError(415, 'Send JSON (Content-Type: application/json) or a form (application/x-www-form-urlencoded).');
}

/**
 * What comes behind the `?`, as data, and before it, in the path, `text`: a JSON object, or what arrives as `webcall_data`.
 *
 * @throws HttpError when the object is nested too deep
 */
export function queryData(query: URLSearchParams, text?: string): ServerData {
  const asked = membersOf(query);
  if (text === undefined) return fromMembers(asked);
  const given = isObject(text) ? readJson(text).members() : [['webcall_data', JSON.stringify(text)] as const];
  return fromMembers([...new Map([...given, ...asked])]);
}

/** @throws HttpError unless a message can be sent there */
export function checkRecipient(recipient: string): void {
  if (isServersOwn(recipient)) throw new HttpError(403, `Only the server itself sends to ${recipient}.`);
  if (/^(:|$)|[\s\p{Cc}]/u.test(recipient)) {
    throw new HttpError(
      400,
      'The name of the channel must not be empty or have white space or control characters in it.',
    );
  }
}

function isObject(text: string): boolean {
  try {
    return text.startsWith('{') && typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function readJson(body: string): ServerData {
  try {
    JSON.parse(body);
    return readData(body.trimStart());
  } catch (thrown) {
    throw new HttpError(400, `The JSON cannot be read: ${textOf(thrown)}.`);
  }
}

/** The last value of a name counts. */
function membersOf(query: URLSearchParams): Member[] {
  return [...new Map([...query].map(([key, value]) => [key, JSON.stringify(value)]))];
}

function take(members: readonly Member[]): Payload {
  const given = members.find(([key]) => key === 'sender');
  const sender: unknown = given && JSON.parse(given[1]);
  if (given && (typeof sender !== 'string' || !/^[!-~]{1,194}$/.test(sender))) {
    throw new HttpError(400, 'sender must be a handle: a text of 1 to 194 ASCII characters without white space.');
  }
  const data = fromMembers(given ? members.filter((member) => member !== given) : members);
  return { data, sender: typeof sender === 'string' ? sender : undefined };
}
