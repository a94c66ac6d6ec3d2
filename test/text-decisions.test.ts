import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

// Decisions are made by codes. Where a text is all there is, such as the fixed texts of the wire, `src/protocol` reads it.

const root = join(import.meta.dirname, '../src');

/**
 * Each file outside of `src/protocol` and `src/server` with regular expressions, and what they are applied to. A new line
 * here is no text of a server, a peer or an error: for these there are codes, or a function of `src/protocol`.
 */
const subjects: Readonly<Record<string, string>> = {
  'adapters/websocket.ts': 'an address that the program gave',
  'connect.ts': 'an address that the program gave',
  'core/messaging/context.ts': 'a name that the program gave',
  'core/messaging/encode.ts': 'data that the program gave',
  'core/presence/listings.ts': 'a name that the program gave',
  'core/session/events.ts': 'a key of what is logged',
  'core/session/subscriptions.ts': 'a number in a message',
  'platform/node.ts': 'an address that the program gave',
  'testing/scripted-adapter.ts': 'frames of a client, in tests',
  'util/address-groups.ts': 'an address of IPv6',
  'util/printable.ts': 'a line of the log',
  'util/validate.ts': 'the name of a type',
};

/** What a regular expression is applied to when it reads text of a server or an error. */
const readsText = /\b(message|reason|cause|error|thrown|location|closeReason|textOf)\b/;

interface Found {
  readonly file: string;
  /** The call or declaration that it stands in. */
  readonly used: string;
}

function expressionsIn(file: string): Found[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  function visit(node: ts.Node): void {
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
      const call = ts.isCallExpression(node.parent) ? node.parent : node.parent.parent;
      found.push({ file, used: call.getText(source) });
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return found;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const outside = files.filter((file) => !file.startsWith('protocol/')).flatMap(expressionsIn);

test('Outside of src/protocol no regular expression reads text of a server or of an error', () => {
  expect(outside.filter(({ used }) => readsText.test(used))).toEqual([]);
});

test('What the regular expressions of the client are applied to is known', () => {
  const inClient = outside.map(({ file }) => file).filter((file) => !file.startsWith('server/'));
  expect([...new Set(inClient)].sort()).toEqual(Object.keys(subjects).sort());
});
