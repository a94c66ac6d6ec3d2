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
import type { Asked } from './request';
import { type Answer, jsonText, plain, Refusal } from './response';

/** Where a call goes. */
export interface Target {
  /** A channel or handle, with its password if it has one. */
  readonly service: string;
  /** The name of what is called. */
  readonly call: string;
}

/** Calls that wait for an answer. */
export interface Calls {
  /**
   * @param send passes the call on; gives the server's complaint, if it has one
   * @throws Refusal when nobody answers, or with a fault
   */
  ask(
    target: Target,
    data: ServerData,
    send: (data: string) => string | undefined,
    asked: Pick<Asked, 'gone' | 'wantsJson'>,
  ): Promise<Answer>;
  /** Takes what may be an answer. */
  hear(heard: ReceivedMessage): void;
  /** Gives all of them up. */
  close(): void;
}

/** How long a call waits for an answer, in ms. */
const answerWithin = 5_000;
/** After so long without an answer, in ms, a call is put in the other way that it can be put. */
const silentFor = 1_000;
/** So many services are remembered that answered to the way of the reference web front. */
const servicesAtMost = 1_000;

/** A call that waits. */
interface OpenCall {
  readonly service: string;
  /** The name under which it was called last. */
  calledAs: string;
  answer(heard: ReceivedMessage): void;
  refuse(refusal: Refusal): void;
}

/**
 * A call can be put in two ways. Clients of this package register a function under the name of the call; sketches for the
 * reference web front register one under the name of the service, look at the key `webcall`, and answer without an id.
 *
 * @param reaches whether what is sent to a service reaches a client: nobody else can answer
 */
export function createCalls(clock: Clock, reaches: (service: string, client: string) => boolean): Calls {
  const byId = new Map<string, { readonly call: OpenCall; readonly calledAs: string }>();
  const byService = new Map<string, Set<OpenCall>>();
  /** Services that answer to their own name, the latest last. */
  const answerToOwnName = new Set<string>();

  function remember(service: string, calledAs: string): void {
    answerToOwnName.delete(service);
    if (calledAs === nameOf(service)) answerToOwnName.add(service);
    const [oldest] = answerToOwnName;
    if (oldest !== undefined && answerToOwnName.size > servicesAtMost) answerToOwnName.delete(oldest);
  }

  function open(call: OpenCall): void {
    const calls = byService.get(call.service) ?? new Set();
    byService.set(call.service, calls.add(call));
  }

  function shut(call: OpenCall): void {
    const calls = byService.get(call.service);
    calls?.delete(call);
    if (calls?.size === 0) byService.delete(call.service);
  }

  /** The oldest call that a client may answer without saying which. */
  function oldestFor(client: string): OpenCall | undefined {
    for (const [service, [oldest]] of byService) if (reaches(service, client)) return oldest;
    return undefined;
  }

  return {
    ask({ service, call: name }, data, send, { gone, wantsJson }) {
      return new Promise<Answer>((resolve, reject) => {
        const ids: string[] = [];
        const cancels: (() => void)[] = [];
        const finish = (): void => {
          for (const cancel of cancels) cancel();
          for (const id of ids) byId.delete(id);
          shut(call);
          gone.removeEventListener('abort', left);
        };
        const call: OpenCall = {
          ...{ service, calledAs: name },
          refuse(refusal) {
            finish();
            reject(refusal);
          },
          answer({ data: text }) {
            finish();
            resolve(answerOf(readData(text).members(), wantsJson));
          },
        };
        const put = (calledAs: string): void => {
          const id = `web-${randomId()}`;
          ids.push(id);
          byId.set(id, { call, calledAs });
          call.calledAs = calledAs;
          const complaint = send(callText(data, { webcall: name, _MESSAGE_HANDLE: calledAs, _MESSAGE_ID: id }));
          if (complaint !== undefined) call.refuse(new Refusal(400, `Not called: ${complaint}.`));
        };
        const left = (): void => call.refuse(new Refusal(499, 'The connection was closed.'));
        gone.addEventListener('abort', left);
        if (gone.aborted) return left();
        open(call);
        const ways = [...new Set([name, nameOf(service)])];
        if (answerToOwnName.has(service)) ways.reverse();
        const [first = name, second] = ways;
        cancels.push(clock.after(answerWithin, () => call.refuse(tooLate(service, name))));
        if (second !== undefined) cancels.push(clock.after(silentFor, () => put(second)));
        put(first);
      });
    },
    hear(heard) {
      const { _MESSAGE_ID: id }: { readonly _MESSAGE_ID?: unknown } = JSON.parse(heard.data);
      const asked = typeof id === 'string' ? byId.get(id) : undefined;
      const call = id === undefined ? oldestFor(heard.sender) : asked?.call;
      if (!call || !reaches(call.service, heard.sender)) return;
      remember(call.service, asked?.calledAs ?? call.calledAs);
      call.answer(heard);
    },
    close() {
      for (const calls of byService.values()) {
        for (const { refuse } of calls) refuse(new Refusal(503, 'The server is stopping.'));
      }
    },
  };
}

function nameOf(service: string): string {
  const [name] = splitPassword(service);
  return name;
}

function callText(data: ServerData, extra: Readonly<Record<string, string>>): string {
  const added = Object.entries(extra).map(([key, value]): Member => [key, JSON.stringify(value)]);
  return fromMembers([...data.members().filter(isOwn), ...added]).text;
}

function tooLate(service: string, call: string): Refusal {
  const text = `Nobody answered ${call} on ${nameOf(service)} within ${answerWithin / 1_000} s: is it registered there, under that name?`;
  return new Refusal(504, text);
}

/** `webcall` is the name of the call: who sends back all data does not mean it. */
const isOwn = ([key]: Member): boolean => !protocolKey.test(key) && key !== 'webcall';

/** Keys that say, when an answer has no other, how their value is to be shown. */
const kinds = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['text', 'text/plain; charset=utf-8'],
  ['csv', 'text/csv; charset=utf-8'],
  ['json', 'application/json'],
]);

function answerOf(members: readonly Member[], wantsJson: boolean): Answer {
  const fault = members.find(([key]) => key === '_MESSAGE_ERROR');
  if (fault) return plain(502, `It could not be done: ${JSON.parse(fault[1])}`);
  const own = members.filter(isOwn);
  const [[key = '', value = ''] = []] = own;
  const type = own.length === 1 && !wantsJson ? kinds.get(key) : undefined;
  if (type === undefined) return jsonText(fromMembers(own).text);
  const text: unknown = JSON.parse(value);
  return { status: 200, type, body: typeof text === 'string' ? text : value, isPage: key === 'html', headers: shown };
}

// What a client answers is no page of this server, and must not act as one.
const shown = { 'Content-Security-Policy': 'sandbox allow-forms allow-scripts' };
