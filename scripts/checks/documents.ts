/**
 * What the documents show works: blocks of TypeScript and JavaScript are type-checked with the repository's paths, JSON is parsed,
 * shell is read by bash, and relative links lead somewhere. A block of code that is no module of its own says so: `ts fragment`;
 * it must parse.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { ROOT, run } from '../run.ts';
import { anchors, type CodeBlock, codeBlocks, links } from './markdown.ts';
import { finish, repositoryFiles } from './report.ts';

/** Ignored by Git, and within the repository, so that packages resolve as they do for its own code. */
const SCRATCH = '.cache/documents';
const PROJECT = {
  extends: '../../tsconfig.json',
  compilerOptions: { allowJs: true, checkJs: true, moduleDetection: 'force' },
  include: ['*'],
  exclude: [],
};
const LANGUAGES: Readonly<Record<string, string>> = { ts: 'ts', typescript: 'ts', js: 'js', javascript: 'js' };

interface Document {
  readonly path: string;
  readonly text: string;
}

interface Block extends CodeBlock {
  readonly path: string;
}

function readDocuments(): Document[] {
  const paths = repositoryFiles().filter((path) => path.endsWith('.md') && !path.includes('/fixtures/'));
  return paths.map((path) => ({ path, text: readFileSync(resolve(ROOT, path), 'utf8') }));
}

/** Type-checks whole modules, each moved down to its line in the document, so that faults name the place. */
async function faultyTypes(blocks: readonly Block[]): Promise<string[]> {
  if (blocks.length === 0) return [];
  const folder = resolve(ROOT, SCRATCH);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(PROJECT));
  const written = new Map<string, string>();
  for (const { path, line, language, code } of blocks) {
    const file = `${path.replaceAll('/', '~')}.${line}.${LANGUAGES[language]}`;
    writeFileSync(join(folder, file), '\n'.repeat(line - 1) + code);
    written.set(`${SCRATCH}/${file}`, path);
  }
  const { exitCode, output } = await run('tsc', ['--project', SCRATCH, '--pretty', 'false']);
  if (exitCode === 0) return [];
  return [output.trim().replaceAll(/^[^\s(]+/gm, (file) => written.get(file) ?? file)];
}

function faultyFragments(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ path, line, code }) => {
    try {
      stripTypeScriptTypes(code);
      return [];
    } catch (error) {
      return [`${path}:${line}: the fragment does not parse: ${String(error)}`];
    }
  });
}

function faultyJson(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ path, line, code }) => {
    try {
      JSON.parse(code);
      return [];
    } catch (error) {
      return [`${path}:${line}: ${String(error)}`];
    }
  });
}

async function faultyShell(blocks: readonly Block[]): Promise<string[]> {
  const faults = await Promise.all(
    blocks.map(async ({ path, line, code }) => {
      const { exitCode, output } = await run('bash', ['-n', '-c', code]);
      return exitCode === 0 ? [] : [`${path}:${line}: ${output.trim()}`];
    }),
  );
  return faults.flat();
}

/** @returns relative links to files or headings that are not there. */
function brokenLinks({ path, text }: Document): string[] {
  return links(text).flatMap(({ target, line }) => {
    if (/^[a-z][a-z+.-]*:/i.test(target)) return [];
    const [file = '', anchor] = decodeURIComponent(target).split('#');
    const to = file === '' ? path : join(dirname(path), file);
    if (!existsSync(resolve(ROOT, to))) return [`${path}:${line}: ${target} leads nowhere.`];
    if (anchor === undefined || !to.endsWith('.md')) return [];
    return anchors(readFileSync(resolve(ROOT, to), 'utf8')).has(anchor)
      ? []
      : [`${path}:${line}: ${to} has no heading #${anchor}.`];
  });
}

const documents = readDocuments();
const blocks: Block[] = documents.flatMap(({ path, text }) => codeBlocks(text).map((block) => ({ ...block, path })));
const code = blocks.filter(({ language }) => language in LANGUAGES);
const faults = await Promise.all([
  faultyTypes(code.filter(({ flags }) => !flags.includes('fragment'))),
  faultyFragments(code.filter(({ flags }) => flags.includes('fragment'))),
  faultyJson(blocks.filter(({ language }) => language === 'json')),
  faultyShell(blocks.filter(({ language }) => ['sh', 'bash', 'shell'].includes(language))),
  documents.flatMap(brokenLinks),
]);
finish(faults.flat(), `${documents.length} documents, ${blocks.length} blocks`);
