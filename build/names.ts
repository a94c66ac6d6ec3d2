import { parseAst } from 'rollup/parseAst';
import { declaredBy, Scope, textOf } from './scope';
import { childrenOf, type Node, nodesOf } from './tree';

/** A name of the program that may be another one: a variable, or a property that only the program itself knows. */
export interface Name {
  /** What it is called in the text. */
  text: string;
  /** The names that it must differ from, by their place in the list. */
  rivals: Set<number>;
  /** What it must not be called besides. */
  taken: Set<string>;
  /** Good names for it: those of the properties that it is read from or written to, as `{ key }` is less than `{ key: x }`. */
  keys: string[];
}

/** What is known of the properties of a program. */
export interface Properties {
  /** Whether only the program itself knows this property. */
  isInternal(name: string): boolean;
  /** Whether an object can have both. */
  canMeet(one: string, other: string): boolean;
}

/** A place in the text where names stand: `x`, `key:x` (or `key`, where `x` is called so, too), `x as key`. */
export interface Place {
  start: number;
  end: number;
  key?: number | string;
  name?: number | string;
  exported?: boolean;
}

const reserved =
  /^(arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;

/** What any object may have, or is asked for by the platform. */
const universal = [
  ...['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf', 'toJSON', 'then', 'catch', 'finally'],
  ...['next', 'return', 'throw', 'apply', 'arguments', 'bind', 'call', 'caller', 'length', 'name', 'prototype'],
];

const allForeign: Properties = { isInternal: () => false, canMeet: () => true };

/** Reads which names a module has, where they stand, and which of them cannot be called the same. */
export function readNames(code: string, { isInternal, canMeet }: Properties = allForeign) {
  const names: Name[] = [];
  const places: Place[] = [];
  const properties = new Map<string, number>();
  const foreignProperties = new Set<string>();
  const scopes: Scope[] = [];
  const references: { place: Place; text: string; scope: Scope }[] = [];

  function add(text: string): number {
    return names.push({ text, rivals: new Set(), taken: new Set(), keys: [] }) - 1;
  }
  function inside(outer?: Scope, takesVar?: boolean, parameters?: Scope): Scope {
    const scope = new Scope(outer, takesVar, parameters);
    scopes.push(scope);
    return scope;
  }
  function declare(pattern: unknown, scope: Scope, kind?: unknown): void {
    for (const text of nodesOf(pattern).flatMap(declaredBy).map(textOf)) {
      let target = scope;
      while (kind === 'var' && !target.takesVar && target.outer) {
        if (target.own.has(text)) throw new Error(`var ${text} crosses another one`);
        target = target.outer;
      }
      if (!target.own.has(text) && !target.parameters?.own.has(text)) target.own.set(text, add(text));
    }
  }
  function refer(node: Node, scope: Scope, place: Place = { start: node.start, end: node.end }): void {
    places.push(place);
    references.push({ place, text: textOf(node), scope });
  }
  function keyOf(node: Node): number | string {
    const text = textOf(node);
    if (!isInternal(text)) {
      foreignProperties.add(text);
      return text;
    }
    const key = properties.get(text) ?? add(text);
    properties.set(text, key);
    return key;
  }
  function readAll(value: unknown, scope: Scope): void {
    for (const node of nodesOf(value)) read(node, scope);
  }
  function readKey(owner: Node, field: string, scope: Scope): void {
    const [node] = nodesOf(owner[field]);
    if (owner['computed'] || node?.type !== 'Identifier') return readAll(node, scope);
    places.push({ start: node.start, end: node.end, key: keyOf(node) });
  }
  function readFunction(node: Node, outer: Scope): void {
    const scope = inside(outer, true);
    declare(node['params'], scope);
    readAll(node['params'], scope);
    const [body] = nodesOf(node['body']);
    if (body?.type === 'BlockStatement') readAll(body['body'], inside(scope, true, scope));
    else readAll(body, scope);
  }
  function readProperty(node: Node, scope: Scope): void {
    const [key] = nodesOf(node['key']);
    const [value] = nodesOf(node['value']);
    const [variable] = value?.type === 'AssignmentPattern' ? nodesOf(value['left']) : [value];
    const isPair = !node['computed'] && key?.type === 'Identifier' && variable?.type === 'Identifier';
    if (isPair && textOf(key) !== '__proto__') {
      refer(variable, scope, { start: node.start, end: variable.end, key: keyOf(key) });
      if (value !== variable) readAll(value?.['right'], scope);
    } else if (node['shorthand']) throw new Error('__proto__ stands alone');
    else {
      readKey(node, 'key', scope);
      readAll(value, scope);
    }
  }

  function read(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'Identifier':
        return refer(node, scope);
      case 'VariableDeclaration':
        for (const each of nodesOf(node['declarations'])) {
          declare(each['id'], scope, node['kind']);
          readAll([each['id'], each['init']], scope);
        }
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const own = node.type.endsWith('Declaration') || !node['id'] ? scope : inside(scope);
        declare(node['id'] ?? [], own);
        readAll(node['id'], own);
        if (!node.type.startsWith('Class')) return readFunction(node, own);
        return readAll([node['superClass'], node['body']], own);
      }
      case 'MethodDefinition':
      case 'PropertyDefinition':
        readKey(node, 'key', scope);
        return readAll(node['value'], inside(scope, true));
      case 'StaticBlock':
        return readAll(node['body'], inside(scope, true));
      case 'SwitchStatement':
        readAll(node['discriminant'], scope);
        return readAll(node['cases'], inside(scope));
      case 'CatchClause': {
        const own = inside(scope);
        declare(node['param'] ?? [], own);
        readAll(node['param'], own);
        const [body] = nodesOf(node['body']);
        return readAll(body?.['body'], inside(own, false, own));
      }
      case 'MemberExpression':
        readAll(node['object'], scope);
        return readKey(node, 'property', scope);
      case 'Property':
        return readProperty(node, scope);
      case 'LabeledStatement':
        return readAll(node['body'], scope);
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
        return;
      case 'ExportNamedDeclaration':
        if (node['declaration'] || node['source']) break;
        for (const { start, end, local, exported } of nodesOf(node['specifiers'])) {
          const [[own], [key]] = [nodesOf(local), nodesOf(exported)];
          if (own && key) refer(own, scope, { start, end, key: textOf(key), exported: true });
        }
        return;
      case 'ImportDeclaration':
      case 'ExportDefaultDeclaration':
      case 'ExportAllDeclaration':
      case 'WithStatement':
        break;
      case 'BlockStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        return readChildren(node, inside(scope));
      default:
        return readChildren(node, scope);
    }
    throw new Error(`${node.type} is not expected in this file`);
  }
  function readChildren(node: Node, scope: Scope): void {
    readAll(childrenOf(node), scope);
  }

  readAll(parseAst(code), inside(undefined, true));

  for (const { place, text, scope } of references) {
    let at: Scope | undefined = scope;
    while (at && !at.own.has(text)) at = at.outer;
    if (!at && text === 'eval') throw new Error('eval sees every name');
    const name = at?.own.get(text) ?? text;
    place.name = name;
    if (typeof name === 'number' && typeof place.key === 'string' && !reserved.test(place.key))
      names[name]?.keys.push(place.key);
    for (let step: Scope | undefined = scope; step; step = step === at ? undefined : step.outer) {
      if (typeof name === 'string') step.foreign.add(name);
      else step.used.add(name);
    }
  }
  for (const { own, used, foreign, parameters } of scopes) {
    for (const name of own.values()) {
      for (const rival of [...used, ...own.values(), ...(parameters?.own.values() ?? [])]) rivalry(name, rival);
      for (const text of foreign) names[name]?.taken.add(text);
    }
  }
  for (const [text, one] of properties) {
    for (const [other, rival] of properties) if (canMeet(text, other)) rivalry(one, rival);
    for (const foreign of foreignProperties) {
      if (canMeet(text, foreign)) names[one]?.taken.add(foreign);
      else names[one]?.keys.push(foreign);
    }
    for (const word of universal) names[one]?.taken.add(word);
  }
  function rivalry(one: number, other: number): void {
    if (one === other) return;
    names[one]?.rivals.add(other);
    names[other]?.rivals.add(one);
  }
  return { names, places: places.sort((a, b) => a.start - b.start) };
}
