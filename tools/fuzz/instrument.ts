/**
 * Edge counters for the fuzzer: every function, branch, loop body and logical operand reports when it is entered.
 * As AFL does it (lcamtuf, "Technical details" of afl-fuzz): the edge is the pair of the block before and this one, counted in one map of 64 Ki.
 */
import { type Node, parse } from 'acorn';
import { full } from 'acorn-walk';

/** The name that instrumented code calls. */
export const HIT = '__assayFuzzHit';

/** Instruments JavaScript. `firstId` is the first block number to use; the number of blocks is returned with the code. */
export function instrument(code: string, firstId: number): { readonly code: string; readonly blocks: number } {
  const inserts: { readonly at: number; readonly order: number; readonly text: string }[] = [];
  let id = firstId;
  const hit = () => `${HIT}(${id++})`;
  const insert = (at: number, text: string) => inserts.push({ at, order: inserts.length, text });
  const asBlock = (node: Node) => {
    if (node.type === 'BlockStatement') insert(node.start + 1, `${hit()};`);
    else {
      insert(node.start, `{${hit()};`);
      insert(node.end, '}');
    }
  };
  const asExpression = (node: Node) => {
    insert(node.start, `(${hit()},`);
    insert(node.end, ')');
  };
  full(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
    // acorn's node types carry their children as optional fields of one union: each case below reads those of its own type.
    const any = node as Node &
      Record<'body' | 'consequent' | 'alternate' | 'right', Node | null> & { expression?: boolean; consequents?: Node[] };
    // A text, not acorn's union: most of its kinds hold no block and need no case.
    const kind: string = node.type;
    switch (kind) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
        if (any.body !== null) asBlock(any.body);
        break;
      case 'ArrowFunctionExpression':
        if (any.body?.type === 'BlockStatement') asBlock(any.body);
        break;
      case 'IfStatement':
        if (any.consequent !== null) asBlock(any.consequent);
        if (any.alternate !== null && any.alternate.type !== 'IfStatement') asBlock(any.alternate);
        break;
      case 'ForStatement':
      case 'ForOfStatement':
      case 'ForInStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        if (any.body !== null) asBlock(any.body);
        break;
      case 'ConditionalExpression':
        if (any.consequent !== null) asExpression(any.consequent);
        if (any.alternate !== null) asExpression(any.alternate);
        break;
      case 'LogicalExpression':
        if (any.right !== null) asExpression(any.right);
        break;
      case 'SwitchCase': {
        const [first] = (any.consequent ?? []) as unknown as readonly Node[];
        if (first !== undefined) insert(first.start, `${hit()};`);
        break;
      }
      default:
    }
  });
  // From the end, so that offsets stay right; at one place the later insert goes behind the earlier one.
  inserts.sort((a, b) => b.at - a.at || b.order - a.order);
  let out = code;
  for (const { at, text } of inserts) out = out.slice(0, at) + text + out.slice(at);
  return { code: out, blocks: id - firstId };
}
