import {
  fromMembers,
  type Member,
  protocolKey,
  randomId,
  readData,
  type ServerData,
  splitPassword,
} from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { ReceivedMessage } from '../broker/index';
import type { HttpRequest } from './request';
import { HttpError, type HttpResponse, jsonText, plainText } from './response';

/** A call over HTTP, and how it is sent. */
export interface HttpCall {
  /** A channel or handle, with its password if it has one. */
  readonly service: string;
  /** The name of what is called. */
  readonly name: string;
  readonly data: ServerData;
  readonly request: Pick<HttpRequest, 'gone' | 'wantsJson'>;
  /** Sends data to the service; gives the server's error, if there is one. */
  send(data: string): string | undefined;
}

/** How long a call waits for an answer, in ms. */
const answerWithin = 5_000;
/** After so long without an answer, in ms, a call is sent in the other form. */
const otherFormAfter = 1_000;
/** So many services are remembered that answered calls in the form of the reference web front. */
const mostServices = 1_000;

/**
 * Calls over HTTP that wait for an answer.
 *
 * A call can be sent in two forms. Clients of this package register a function under the name of the call; sketches for the
 * reference web front register one under the name of the service, look at the key `webcall`, and answer without an id.
 */
export class CallEndpoint {
  readonly #clock: Clock;
  readonly #reaches: (service: string, client: string) => boolean;
  readonly #sent = new Map<string, SentCall>();
  readonly #byService = new Map<string, Set<PendingCall>>();
  /** Services that answered to their own name, the latest last. */
  readonly #answerToOwnName = new Set<string>();

  /** @param reaches whether what is sent to a service reaches a client: no other client can answer */
  constructor(clock: Clock, reaches: (service: string, client: string) => boolean) {
    this.#clock = clock;
    this.#reaches = reaches;
  }

  /** @throws HttpError when nobody answers, or the answer is an error */
  call(call: HttpCall): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(call, resolve, reject);
      const { gone } = call.request;
      const abort = (): void => pending.reject(new HttpError(499, 'The connection was closed.'));
      pending.onEnd(() => gone.removeEventListener('abort', abort));
      if (gone.aborted) return abort();
      gone.addEventListener('abort', abort);
      this.#open(pending);
      this.#sendInBothForms(pending);
    });
  }

  /** Takes a message that may be an answer. */
  receive(message: ReceivedMessage): void {
    const { _MESSAGE_ID: id }: { readonly _MESSAGE_ID?: unknown } = JSON.parse(message.data);
    const sent = typeof id === 'string' ? this.#sent.get(id) : undefined;
    const pending = id === undefined ? this.#oldestFor(message.sender) : sent?.pending;
    if (!pending || !this.#reaches(pending.call.service, message.sender)) return;
    this.#remember(pending.call.service, sent?.calledAs ?? pending.calledAs);
    pending.resolve(message);
  }

  /** Gives all calls up. */
  close(): void {
    const all = [...this.#byService.values()].flatMap((calls) => [...calls]);
    for (const pending of all) pending.reject(new HttpError(503, 'The server is stopping.'));
  }

  #open(pending: PendingCall): void {
    const { service } = pending.call;
    const calls = this.#byService.get(service) ?? new Set();
    this.#byService.set(service, calls.add(pending));
    pending.onEnd(() => {
      calls.delete(pending);
      if (calls.size === 0) this.#byService.delete(service);
    });
  }

  #sendInBothForms(pending: PendingCall): void {
    const { service, name } = pending.call;
    const forms = [...new Set([name, nameOf(service)])];
    if (this.#answerToOwnName.has(service)) forms.reverse();
    const [first = name, second] = forms;
    pending.onEnd(this.#clock.after(answerWithin, () => pending.reject(tooLate(service, name))));
    if (second !== undefined) pending.onEnd(this.#clock.after(otherFormAfter, () => this.#send(pending, second)));
    this.#send(pending, first);
  }

  #send(pending: PendingCall, calledAs: string): void {
    const { name, data, send } = pending.call;
    const id = `web-${randomId()}`;
    this.#sent.set(id, { pending, calledAs });
    pending.onEnd(() => this.#sent.delete(id));
    pending.calledAs = calledAs;
    const error = send(callText(data, { webcall: name, _MESSAGE_HANDLE: calledAs, _MESSAGE_ID: id }));
    if (error !== undefined) pending.reject(new HttpError(400, `Not called: ${error}.`));
  }

  #remember(service: string, calledAs: string): void {
    this.#answerToOwnName.delete(service);
    if (calledAs === nameOf(service)) this.#answerToOwnName.add(service);
    const [oldest] = this.#answerToOwnName;
    if (oldest !== undefined && this.#answerToOwnName.size > mostServices) this.#answerToOwnName.delete(oldest);
  }

  /** The oldest call that a client may answer without saying which. */
  #oldestFor(client: string): PendingCall | undefined {
    for (const [service, [oldest]] of this.#byService) if (this.#reaches(service, client)) return oldest;
    return undefined;
  }
}

/** One form of a call, under its id. */
interface SentCall {
  readonly pending: PendingCall;
  /** The name under which it was called. */
  readonly calledAs: string;
}

class PendingCall {
  /** The name under which it was called last. */
  calledAs: string;
  readonly #cleanups: (() => void)[] = [];

  constructor(
    readonly call: HttpCall,
    private readonly settle: (response: HttpResponse) => void,
    private readonly fail: (error: HttpError) => void,
  ) {
    this.calledAs = call.name;
  }

  /** Calls `task` when the call has its answer, or is given up. */
  onEnd(task: () => void): void {
    this.#cleanups.push(task);
  }

  resolve({ data }: ReceivedMessage): void {
    this.#end();
    this.settle(responseOf(readData(data).members(), this.call.request.wantsJson));
  }

  reject(error: HttpError): void {
    this.#end();
    this.fail(error);
  }

  #end(): void {
    for (const task of this.#cleanups.splice(0)) task();
  }
}

function nameOf(service: string): string {
  const [name] = splitPassword(service);
  return name;
}

function callText(data: ServerData, extra: Readonly<Record<string, string>>): string {
  const added = Object.entries(extra).map(([key, value]): Member => [key, JSON.stringify(value)]);
  return fromMembers([...data.members().filter(isOwn), ...added]).text;
}

function tooLate(service: string, call: string): HttpError {
  const text = `Nobody answered ${call} on ${nameOf(service)} within ${answerWithin / 1_000} s: is it registered there, under that name?`;
  return new HttpError(504, text);
}

/** `webcall` is the name of the call: a client that sends back all data does not mean it. */
const isOwn = ([key]: Member): boolean => !protocolKey.test(key) && key !== 'webcall';

/** Keys that say, when an answer has no other, how their value is to be shown. */
const types = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['text', 'text/plain; charset=utf-8'],
  ['csv', 'text/csv; charset=utf-8'],
  ['json', 'application/json'],
]);

function responseOf(members: readonly Member[], wantsJson: boolean): HttpResponse {
  const error = members.find(([key]) => key === '_MESSAGE_ERROR');
  if (error) return plainText(502, `It could not be done: ${JSON.parse(error[1])}`);
  const own = members.filter(isOwn);
  const [[key = '', value = ''] = []] = own;
  const type = own.length === 1 && !wantsJson ? types.get(key) : undefined;
  if (type === undefined) return jsonText(fromMembers(own).text);
  const text: unknown = JSON.parse(value);
  return { status: 200, type, body: typeof text === 'string' ? text : value, isPage: key === 'html', headers: sandbox };
}

// What a client answers is no page of this server, and must not act as one.
const sandbox = { 'Content-Security-Policy': 'sandbox allow-forms allow-scripts' };
