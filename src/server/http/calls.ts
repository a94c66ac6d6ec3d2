import type { Clock } from '../../core/clock';
import { protocolKey } from '../../core/message';
import { splitPassword } from '../claim';
import { fromMembers, type Member, readData, type ServerData } from '../data';
import { type Answer, jsonText, plain, Refusal } from './answer';
import type { Asked } from './asked';
import type { Heard } from './insider';

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
  hear(heard: Heard): void;
  /** Gives all of them up. */
  close(): void;
}

/** How long a call waits for an answer, in ms. */
const answerWithin = 5_000;

export function createCalls(clock: Clock): Calls {
  const waiting = new Map<string, { answer(heard: Heard): void; refuse(refusal: Refusal): void }>();
  let count = 0;

  return {
    ask({ service, call }, data, send, { gone, wantsJson }) {
      const id = `web-${++count}-${String(clock.random()).slice(2)}`;
      return new Promise<Answer>((resolve, reject) => {
        const cancel = clock.after(answerWithin, () => refuse(tooLate(service, call)));
        const finish = (): void => {
          cancel();
          waiting.delete(id);
          gone.removeEventListener('abort', left);
        };
        const refuse = (refusal: Refusal): void => {
          finish();
          reject(refusal);
        };
        const left = (): void => refuse(new Refusal(499, 'The connection was closed.'));
        gone.addEventListener('abort', left);
        if (gone.aborted) return left();
        waiting.set(id, {
          refuse,
          answer({ data: text }) {
            finish();
            resolve(answerOf(readData(text).members(), wantsJson));
          },
        });
        const extra: Member[] = [
          ['_MESSAGE_HANDLE', JSON.stringify(call)],
          ['_MESSAGE_ID', JSON.stringify(id)],
        ];
        const complaint = send(fromMembers([...data.members().filter(isOwn), ...extra]).text);
        if (complaint !== undefined) refuse(new Refusal(400, `Not called: ${complaint}.`));
      });
    },
    hear(heard) {
      const { _MESSAGE_ID: id }: { readonly _MESSAGE_ID?: unknown } = JSON.parse(heard.data);
      if (typeof id === 'string') waiting.get(id)?.answer(heard);
    },
    close() {
      for (const { refuse } of waiting.values()) refuse(new Refusal(503, 'The server is stopping.'));
    },
  };
}

function tooLate(service: string, call: string): Refusal {
  const [name] = splitPassword(service);
  const text = `Nobody answered ${call} on ${name} within ${answerWithin / 1_000} s: is it registered there, under that name?`;
  return new Refusal(504, text);
}

const isOwn = ([key]: Member): boolean => !protocolKey.test(key);

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
  return { status: 200, type, body: typeof text === 'string' ? text : value, headers: shown };
}

// What a client answers is no page of this server, and must not act as one.
const shown = { 'Content-Security-Policy': 'sandbox allow-forms allow-scripts' };
