import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { parseAst } from 'rollup/parseAst';
import ts from 'typescript';
import type { Properties } from './names';
import { nodesOf, walk } from './tree';

const sources = join(process.cwd(), 'src') + sep;
/** Ours, but for files such as `websocket-like.ts`, which describe what the platform brings. */
const isOurs = (file: ts.SourceFile): boolean =>
  file.fileName.startsWith(sources) && !file.fileName.endsWith('-like.ts');

/** What users read: the members and texts in the declarations, with those of the files that they take in. */
function publicWords(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const words: string[] = [];
  function read(node: ts.Node): void {
    if ((ts.isTypeElement(node) || ts.isClassElement(node)) && node.name && ts.isIdentifier(node.name))
      words.push(node.name.text);
    if (ts.isStringLiteral(node)) words.push(node.text);
    if (ts.isStringLiteral(node) && /^\..*\.js$/.test(node.text))
      words.push(...publicWords(join(dirname(path), node.text.replace(/js$/, 'd.ts'))));
    ts.forEachChild(node, read);
  }
  read(file);
  return words;
}

/** Texts that may be a property's name: `'retryAt' in state`. */
const textsIn = (code: string): string[] =>
  nodesOf(parseAst(code))
    .flatMap((program) => [...walk(program)])
    .filter(({ node }) => node.type === 'Literal' || node.type === 'TemplateElement')
    .map(({ node }) => code.slice(node.start, node.end).replace(/^["'`]|["'`]$/g, ''));

/** Which properties the sources read by their names and alone declare, and which others the same object can have. */
class Reader {
  readonly read = new Set<string>();
  readonly foreign = new Set<string>();
  private readonly met = new Map<string, Set<string>>();
  private readonly types = new Set<ts.Type>();
  private readonly spreads: { whole: ts.Type; part: ts.Type }[] = [];
  private readonly checker: ts.TypeChecker;

  constructor(entry: string) {
    const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');
    const program = ts.createProgram([entry], options);
    this.checker = program.getTypeChecker();
    for (const file of program.getSourceFiles()) if (isOurs(file)) this.visit(file);
    for (const type of this.types) this.meet(this.propertiesOf(type));
    // What is spread can have more properties than its type tells.
    for (const { whole, part } of this.spreads) {
      for (const type of this.types) {
        if (this.checker.isTypeAssignableTo(type, part))
          this.meet([...this.propertiesOf(whole), ...this.propertiesOf(type)]);
      }
    }
  }

  canMeet(one: string, other: string): boolean {
    return this.met.get(one)?.has(other) ?? false;
  }

  private propertiesOf(type: ts.Type): string[] {
    return this.checker.getPropertiesOfType(type).map(({ name }) => name);
  }
  private meet(properties: string[]): void {
    for (const one of properties) {
      const others = this.met.get(one) ?? new Set();
      for (const other of properties) others.add(other);
      this.met.set(one, others);
    }
  }
  private note({ text }: ts.Identifier, symbols: readonly (ts.Symbol | undefined)[]): void {
    const all = symbols.map((symbol) => symbol?.declarations ?? []);
    const known = all.every((some) => some.length > 0 && some.every((one) => isOurs(one.getSourceFile())));
    if (!known) this.foreign.add(text);
  }
  private collect(type: ts.Type): void {
    if (type.isUnionOrIntersection()) for (const one of type.types) this.collect(one);
    // Texts and numbers have properties, too.
    if (type.isIntersection() || type.flags & ts.TypeFlags.Object) this.types.add(type);
  }
  private visit(node: ts.Node): void {
    const { checker } = this;
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name)) {
      this.read.add(node.name.text);
      this.note(node.name, [checker.getSymbolAtLocation(node.name)]);
    } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && !node.dotDotDotToken) {
      const name = node.propertyName ?? node.name;
      if (ts.isIdentifier(name)) {
        this.read.add(name.text);
        this.note(name, [checker.getTypeAtLocation(node.parent).getProperty(name.text)]);
      }
    } else if (ts.isSpreadAssignment(node)) {
      const [whole, part] = [checker.getTypeAtLocation(node.parent), checker.getTypeAtLocation(node.expression)];
      this.spreads.push({ whole, part });
    } else if (ts.isObjectLiteralElement(node) && node.name && ts.isIdentifier(node.name)) {
      const { text } = node.name;
      const wanted = ts.isObjectLiteralExpression(node.parent) ? checker.getContextualType(node.parent) : undefined;
      const types = wanted?.isUnionOrIntersection() ? wanted.types : wanted ? [wanted] : [];
      const asWanted = types.flatMap((type) => type.getProperty(text) ?? []);
      this.note(node.name, [checker.getSymbolAtLocation(node.name), ...asWanted]);
    }
    if (ts.isExpression(node) || ts.isTypeNode(node) || ts.isDeclarationStatement(node))
      this.collect(checker.getTypeAtLocation(node));
    ts.forEachChild(node, (child) => this.visit(child));
  }
}

/**
 * Tells which properties only this code itself knows, so that their names mean nothing to anybody: those that the
 * sources alone declare, that are in no public declaration, and not looked for by a text. What is on the wire is either
 * public, starts with `_`, or is declared by nobody. Two of them that no object has both may be called the same.
 */
export function internalIn(code: string): Properties {
  const known = new Set([...publicWords('dist/types/index.d.ts'), ...textsIn(code)]);
  const reader = new Reader('src/script.ts');
  return {
    isInternal: (name) => reader.read.has(name) && !reader.foreign.has(name) && !known.has(name) && name[0] !== '_',
    canMeet: (one, other) => reader.canMeet(one, other),
  };
}
