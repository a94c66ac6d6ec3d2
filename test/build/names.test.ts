import { describe, expect, test } from 'vitest';
import { nameAlike } from '../../build/alike';
import { chance } from '../../build/annealing';
import { onlyArrows } from '../../build/arrows';
import { choose } from '../../build/choose';
import { Draft } from '../../build/draft';
import { readNames } from '../../build/names';
import { Novelty } from '../../build/novelty';
import { Layout } from '../../build/order';
import { join } from '../../build/pieces';
import { onlyLet, onlyTemplates } from '../../build/spelling';

const run = async (code: string): Promise<unknown> => {
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const { result }: { result: unknown } = await import(/* @vite-ignore */ url);
  return result;
};
const drafted = (code: string, isInternal?: (property: string) => boolean): Draft => {
  const { names, places } = readNames(code, isInternal && { isInternal, canMeet: () => true });
  return new Draft(code, names, places, new Layout(code).ranges().flat());
};

/** Programs in which a name that is taken by mistake, or one that is forgotten, changes the result or fails. */
const tricky: Record<string, string> = {
  shadowing: 'let a=1,b=2;function f(a){let c=a+b;{let a=c*2,b=a+1;c+=a+b}return c+b}let result=[f(3),a,b];',
  'closures in loops':
    'let out=[];for(let i=0,n=3;i<n;i++){let j=i*2;out.push(()=>[i,j,n])}for(const k of[7,8])out.push(()=>k);for(const k in{x:1})out.push(()=>k);let result=out.map(f=>f());',
  'a loop over what its variable is called outside': 'let x=[1,2],s=0;for(let y of x){let x=y;s+=x}let result=[s,x];',
  'defaults that refer to earlier parameters and to the outside':
    'let x=5,y=6;function f(a=x,b=a+y,{c=b,d:{e}={e:c}}={}){let x=1,y=2;return[a,b,c,e,x,y]}let result=[f(),f(1),f(1,2,{c:3})];',
  'a closure in a default that sees the outside': 'let x=5;function f(a=()=>x){let x=1;return[a(),x]}let result=f();',
  'a parameter that nobody uses': 'let result=((a,b)=>{let c=b,d=4;return c+d})(1,2);',
  'destructuring with other names':
    'let{p:a,q:[b,...c],...d}={p:1,q:[2,3,4],r:5,s:6};let e,g;({p:e,r:g=a}={p:b});[e,g]=[g,e];let result={a,b,c,d,e,g};',
  shorthand:
    'let data=1,sender=2;function f({data,sender=data,...other}){return{data,sender,o:other}}let result=[f({data:3,n:4}),{data,sender}];',
  'names of functions and classes of their own':
    'let f=function g(n){return n?n*g(n-1):1};let C=class D{static make(){return new D}who(){return D===C}};let result=[f(4),C.make().who()];',
  'variables next to each other':
    'let a=()=>b+c(),b=1,c=()=>2,d=a(),e="x",f=()=>e,g=f();let result=[a(),b,c(),d,e,f(),g];',
  'properties taken apart':
    'let o={a:1,b:2};let{a,b,c=3,...d}=o;let{f=a,g=f+1,h=4}=o;let result=((o2,{b,a:x,c=()=>5})=>[a,b,c(),d,f,g,h,x])(1,o);',
  hoisting: 'let a=f();function f(){return g()+1}function g(){return 2}{function h(){return 3}a+=h()}let result=a;',
  'var that leaves its block':
    'function f(a){if(a){var b=a+1;for(var i=0;i<2;i++);}return[b,i]}let result=[f(1),f(0)];',
  'var that is called like a parameter': 'function f(a,b){var a;var b=b+1;return[a,b]}let result=f(1,2);',
  labels:
    'let a=9,out=[a];a:for(let a=0;a<3;a++){for(let b=0;b<3;b++){if(b===1)continue a;if(a===2)break a;out.push([a,b])}}let result=out;',
  'class fields':
    'let v=1,k="z";class A{v=v;static s=v+1;[k]=3;#p=4;static{let v=9;this.t=v}get p(){return this.#p}set p(v){this.#p=v}}class B extends A{v=this.v+v}let b=new B;b.p=7;let result=[b.v,A.s,b.z,A.t,b.p];',
  catch:
    'let e=1,out=[];try{throw 2}catch(a){let b=a+e;out.push(b)}try{throw 3}catch{out.push(e)}try{throw 5}catch(unused){let c=6,d=7;out.push(c+d)}try{throw{m:4}}catch({m}){out.push(m,e)}let result=out;',
  'getters and setters':
    'let n=0;let o={get n(){return n},set n(v){n=v},f(v){return v+n},async g(){},*h(n){yield n}};o.n=5;let result=[o.n,n,o.f(1),...o.h(2)];',
  switch:
    'let a=2;function f(a){switch(a){case 1:let b=a+1;return b;default:return a}}function g(b){switch(b+a){case 3:let b=4;return b}}let result=[f(1),f(a),g(1)];',
  'names of the platform':
    'let a=globalThis.Math.max(1,2),b=Array.isArray([]);function f(c){return typeof nobody+c+arguments.length+undefined}let result=[a,b,f(1),NaN,isNaN(a)];',
  templates: 'let a=1,b="x";let result=`${a}-${`${b}${a}`}`+((s,...v)=>s.raw.join("|")+v)`p${a}q${b}`;',
  'async and generators':
    'let a=[1,2];function*g(b){for(let c of b)yield c+b.length}async function f(c){for await(let d of c)a.push(d);return a}let result=[await f([3]),...g(a)];',
  prototypes: 'let a={b:1},c={__proto__:a,d:a};let result=[c.b,c.d,Object.keys(c)];',
  operators:
    'let a=null,b={c:{d:1}};let result=[a?.b,b?.c.d,a??b.c?.["d"],delete b.c,typeof b,void 0,b instanceof Object,"c"in b];',
};

describe.each(Object.entries(tricky))('other names: %s', (_, lines) => {
  const code = `${lines}export{result};`;

  test('the program does the same, whatever things are called', async () => {
    const wanted = await run(code);
    const letters = [
      ...'abcdefgijkmnoqrstuvwxyz',
      'data',
      'sender',
      'arguments_',
      'Math',
      'undefined',
      'nobody',
      '__proto__',
    ];
    for (let seed = 1; seed <= 12; seed++) {
      const draft = drafted(code);
      const random = chance(seed);
      const any = (count: number): number => Math.floor(random() * count);
      for (let step = 0; step < 300; step++) {
        const changes = draft.exchange(any(draft.names.length), letters[any(letters.length)] ?? 'a');
        if (changes) draft.call(changes);
      }
      expect(await run(`${draft}//${seed}`), `${draft}`).toEqual(wanted);
    }
  });

  test('the program does the same after every step of the build', async () => {
    const arrows = join(code, onlyArrows(onlyLet(code))).code;
    const draft = drafted(onlyTemplates(arrows));
    choose(draft, new Layout(draft.code), { quick: 500, rounds: 2, names: 50, moves: 50 });
    const built = join(draft.code, draft.pieces()).code;
    expect(await run(`${built}//built`), built).toEqual(await run(code));
  });
});

describe('names', () => {
  test('of what a module exports stay for those who import it', () => {
    const draft = drafted('function f(){}class G{}export{f as first,G};');
    draft.call(new Map([...draft.names.keys()].map((name) => [name, `n${name}`])));
    expect(`${draft}`).toBe('function n0(){}class n1{}export{n0 as first,n1 as G};');
  });

  test('of properties change everywhere, and only where they are internal', () => {
    const code = 'let o={hush:1,loud:2,m(){return this.hush}};let{hush,loud}=o;o.hush=o?.hush+o["loud"];export{hush};';
    const draft = drafted(code, (property) => property === 'hush');
    const name = draft.names.findIndex(({ text, taken }) => text === 'hush' && taken.has('loud'));
    expect(draft.exchange(name, 'loud')).toBeUndefined();
    draft.call(new Map([[name, 'h']]));
    expect(`${draft}`).toBe(
      'let o={h:1,loud:2,m(){return this.h}};let{h:hush,loud}=o;o.h=o?.h+o["loud"];export{hush};',
    );
  });

  test('never make a property of a prototype', () => {
    const draft = drafted('let a={};let b={__proto__:a,c:a};');
    draft.call(new Map([[0, '__proto__']]));
    expect(`${draft}`).toBe('let __proto__={};let b={__proto__:__proto__,c:__proto__};');
  });

  test('of internal properties differ from each other', () => {
    const draft = drafted('let o={};o.hush=1;o.calm=2;', (property) => /hush|calm/.test(property));
    const [hush, calm] = ['hush', 'calm'].map((property) => draft.names.findIndex(({ text }) => text === property));
    expect(draft.exchange(hush ?? 0, 'calm')).toEqual(
      new Map([
        [hush, 'calm'],
        [calm, 'hush'],
      ]),
    );
  });

  test('are the same at each build', () => {
    const code =
      'let colour=1,sound=2;function mix(left,right){return left+right}let result=mix(colour,sound);export{result};';
    const [one, other] = [drafted(code), drafted(code)];
    for (const draft of [one, other]) nameAlike(draft);
    for (const draft of [one, other])
      choose(draft, new Layout(draft.code), { quick: 500, rounds: 2, names: 50, moves: 10 });
    expect(`${one}`).toBe(`${other}`);
    expect(`${one}`).not.toBe(code);
  });

  test.each(['eval("a")', 'import a from "a"', 'export default 1', 'export let a=1', 'try{}catch(a){var a=1}'])(
    'are left alone where it is not safe: %s',
    (code) => {
      expect(() => readNames(`let b=1;${code}`)).toThrow();
    },
  );
});

describe('the spelling', () => {
  test('has templates for texts only, and only where they say the same', () => {
    const code = '"use strict";let o={"a-b":"c",["d"]:"e\\n",f:"`",g:"${"};class A{"h"="i";"j"(){}}import("k");';
    // Keys, computed or not, and what is imported stay as they are.
    const wanted = '"use strict";let o={"a-b":`c`,["d"]:"e\\n",f:"`",g:"${"};class A{"h"=`i`;"j"(){}}import("k");';
    expect(onlyTemplates(code)).toBe(wanted);
  });

  test('has arrows for functions that stand first, and have nothing of their own', () => {
    const arrowsOf = (code: string): string => join(code, onlyArrows(code)).code;
    expect(arrowsOf('function f(a){function g(){return a}return g}let b=f(1);')).toBe(
      'let f=(a)=>{let g=()=>{return a};return g};let b=f(1);',
    );
    expect(arrowsOf('async function f(){}')).toBe('let f=async()=>{};');
    for (const code of [
      'let b=f();function f(){}',
      'function f(){return this}',
      'function f(){return()=>arguments}',
      'function f(){return new.target}',
      'function*f(){}',
      'function f(){}new f;',
    ]) {
      expect(arrowsOf(code)).toBe(code);
    }
    expect(arrowsOf('function f(){return function(){return this}}')).toBe(
      'let f=()=>{return function(){return this}};',
    );
  });

  test('has let for const, and keeps the places of everything', () => {
    expect(onlyLet('const a=1;for(const b of[a]);let c="const";')).toBe('let   a=1;for(let   b of[a]);let c="const";');
  });
});

test('what is new in a text is counted right while names come and go', () => {
  const draft = drafted(`${tricky['shorthand']}${tricky['templates']?.replace(/let/g, ';var')}`);
  const novelty = new Novelty(draft);
  const start = novelty.value;
  const takeBack = [5, 3, 0].map((name) => novelty.call(new Map([[name, `name${name}`]])));
  const now = novelty.value;
  expect(now).toBeGreaterThan(start);
  expect(new Novelty(draft).value).toBe(now);
  takeBack.pop()?.();
  expect(novelty.value).toBe(new Novelty(draft).value);
});

test('the source map leads from each piece to where it was', () => {
  const { code, map } = join('one\ntwo three', [
    { text: 'three', from: 8 },
    { text: '+', from: 3 },
    { text: 'a\nb', from: 2 },
  ]);
  expect(code).toBe('three+a\nb');
  // Column, file, line, column, each as the difference to the one before: [0 0 1 4], [5 0 -1 -1], [1 0 0 -1]; [0 0 1 -2].
  expect(map.mappings).toBe('AACI,KADD,CAAD;AACF');
});
