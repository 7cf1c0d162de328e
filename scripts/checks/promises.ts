/**
 * No promise is left alone: a statement that is a promise is awaited, given to `void`, or has its rejection handled; and no async
 * function is passed where the caller expects nothing back and so would never see it fail. Biome knows types only within its own
 * inference; this asks the compiler.
 */
import { relative, resolve } from 'node:path';
import {
  type ArrowFunction,
  type Expression,
  type FunctionExpression,
  isArrowFunction,
  isAwaitExpression,
  isBinaryExpression,
  isCallExpression,
  isExpressionStatement,
  isFunctionExpression,
  isPropertyAccessExpression,
  isVoidExpression,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API, type Checker, ModifierFlags, type Project, SignatureKind, TypeFlags } from 'typescript/unstable/sync';
import { ROOT } from '../run.ts';
import { finish } from './report.ts';

interface Suspects {
  /** Expressions that stand as statements. */
  readonly statements: Expression[];
  /** Async functions that are handed to a call. */
  readonly callbacks: Array<ArrowFunction | FunctionExpression>;
}

const FIXTURE = 'test/fixtures/promises';
const ASSIGNMENTS: readonly SyntaxKind[] = [
  SyntaxKind.EqualsToken,
  SyntaxKind.QuestionQuestionEqualsToken,
  SyntaxKind.BarBarEqualsToken,
  SyntaxKind.AmpersandAmpersandEqualsToken,
];

/** Whether an expression does something with its value itself. */
function usesValue(expression: Expression): boolean {
  if (isBinaryExpression(expression)) return ASSIGNMENTS.includes(expression.operatorToken.kind);
  return isAwaitExpression(expression) || isVoidExpression(expression);
}

function collect(node: Node, suspects: Suspects): void {
  if (isExpressionStatement(node) && !usesValue(node.expression)) suspects.statements.push(node.expression);
  if (isCallExpression(node)) {
    for (const argument of node.arguments) {
      const isFunction = isArrowFunction(argument) || isFunctionExpression(argument);
      if (isFunction && (argument.modifierFlags & ModifierFlags.Async) !== 0) suspects.callbacks.push(argument);
    }
  }
  node.forEachChild((child) => collect(child, suspects));
}

/** Whether a chain ends in what takes a rejection: `.catch(f)`, `.then(f, g)`, or one of these and `.finally(f)`. */
function handlesRejection(expression: Expression): boolean {
  if (!isCallExpression(expression) || !isPropertyAccessExpression(expression.expression)) return false;
  const { name, expression: before } = expression.expression;
  if (name.text === 'catch') return expression.arguments.length > 0;
  if (name.text === 'then') return expression.arguments.length > 1;
  return name.text === 'finally' && handlesRejection(before);
}

/** Whether it is a promise, and not merely something that has `then`, as a Fastify reply. */
function isPromise(checker: Checker, expression: Expression): boolean {
  const given = checker.getTypeAtLocation(expression);
  const type = given && checker.getNonNullableType(given);
  return type !== undefined && ['then', 'catch'].every((name) => checker.getPropertyOfType(type, name) !== undefined);
}

/** Whether whoever gets the function expects nothing back. */
function isIgnored(checker: Checker, callback: Expression): boolean {
  const expected = checker.getContextualType(callback);
  if (!expected) return false;
  const signatures = checker.getSignaturesOfType(expected, SignatureKind.Call);
  return (
    signatures.length > 0 &&
    signatures.every((signature) => (checker.getReturnTypeOfSignature(signature)?.flags ?? 0) & TypeFlags.Void)
  );
}

function place(file: SourceFile, node: Node): string {
  const line = file.text.slice(0, node.getStart(file)).split('\n').length;
  return `${relative(ROOT, file.fileName)}:${line}`;
}

function faultsOf(file: SourceFile, checker: Checker): string[] {
  const suspects: Suspects = { statements: [], callbacks: [] };
  collect(file, suspects);
  const floating = suspects.statements.filter((expression) => isPromise(checker, expression) && !handlesRejection(expression));
  const ignored = suspects.callbacks.filter((callback) => isIgnored(checker, callback));
  return [
    ...floating.map(
      (node) => `${place(file, node)}: a promise that nobody waits for: await it, handle its rejection, or say void.`,
    ),
    ...ignored.map((node) => `${place(file, node)}: an async function where nobody sees it fail.`),
  ];
}

/** All files of a project, which is named by its folder. */
function filesOf({ program, rootFiles }: Project): SourceFile[] {
  return rootFiles.map((path) => program.getSourceFile(path)).filter((file) => file !== undefined);
}

/** The fixture says itself which of its lines are faults; anything else than those is a fault of this check. */
function fixtureFaults(project: Project): string[] {
  return filesOf(project).flatMap((file) => {
    const expected = file.text.split('\n').flatMap((line, index) => (line.includes('// fault') ? [index + 1] : []));
    const reported = faultsOf(file, project.checker).map((fault) => Number(/:(\d+):/.exec(fault)?.[1]));
    const same = new Set(expected).symmetricDifference(new Set(reported)).size === 0;
    return same ? [] : [`${FIXTURE}: faults are in the lines ${expected.join(', ')}, reported were ${reported.join(', ')}.`];
  });
}

function main(): void {
  const api = new API({ cwd: ROOT });
  try {
    const [sources = '', fixture = ''] = ['.', FIXTURE].map((folder) => resolve(ROOT, folder, 'tsconfig.json'));
    const snapshot = api.updateSnapshot({ openProjects: [sources, fixture] });
    const [ours, broken] = [snapshot.getProject(sources), snapshot.getProject(fixture)];
    if (!ours || !broken) throw new Error('The compiler does not find the projects.');
    const files = filesOf(ours);
    finish([...files.flatMap((file) => faultsOf(file, ours.checker)), ...fixtureFaults(broken)], `${files.length} files`);
  } finally {
    api.close();
  }
}

main();
