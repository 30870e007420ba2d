// An instrumented program says, throws and ends as it does with an empty module in our place.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Run, registerFiles, runWithoutStalls } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-exit-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const empty = { import: write('empty.mjs', ''), require: write('empty.cjs', '') } as const;

interface Program {
  readonly file: string;
  readonly text: string;
  readonly code: number | null;
  readonly signal?: NodeJS.Signals;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  'reaches its end': { file: 'end.cjs', text: "console.log('done')", code: 0 },
  'is an ES module': { file: 'end.mjs', text: "console.log('done', import.meta.url)", code: 0 },
  'calls process.exit(3)': { file: 'exit.cjs', text: "console.log('out'); process.exit(3)", code: 3 },
  'sets process.exitCode': { file: 'code.cjs', text: 'process.exitCode = 4', code: 4 },
  throws: { file: 'throw.cjs', text: "function pay() { throw new Error('no money') }\npay()", code: 1 },
  'throws in a timer': { file: 'late.mjs', text: "setTimeout(() => { throw new RangeError('late') }, 5)", code: 1 },
  'throws what is no error': { file: 'string.cjs', text: "throw 'text'", code: 1 },
  'rejects unhandled': { file: 'reject.cjs', text: "Promise.reject(new TypeError('nobody waits'))", code: 1 },
  'has a syntax error': { file: 'syntax.cjs', text: 'const = 1', code: 1 },
  'is ended by SIGTERM': {
    file: 'term.cjs',
    text: "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM')",
    code: null,
    signal: 'SIGTERM',
  },
  'handles SIGTERM itself': {
    file: 'handle.cjs',
    text: "const t = setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log('bye'); clearInterval(t); process.exitCode = 7 }); process.kill(process.pid, 'SIGTERM')",
    code: 7,
  },
  'has a top-level await': {
    file: 'await.mjs',
    text: "await new Promise((resolve) => setTimeout(resolve, 20)); console.log('awaited')",
    code: 0,
  },
  'awaits for ever': { file: 'never.mjs', text: "console.log('waiting'); await new Promise(() => {})", code: 13 },
  'blocks at once': {
    file: 'block.cjs',
    text: "const end = Date.now() + 300; while (Date.now() < end); console.log('free')",
    code: 0,
  },
  'counts beforeExit and orders exit listeners': {
    file: 'before-exit.cjs',
    text: `let turns = 0;
process.on('beforeExit', () => { if (++turns < 3) setImmediate(() => {}) });
process.on('exit', (code) => console.log('first', code, turns));
process.on('exit', (code) => { console.log('second', code); process.exitCode = 5 });`,
    code: 5,
  },
  'writes much and exits': {
    file: 'much.cjs',
    text: "process.stdout.write('x'.repeat(2_000_000)); process.stderr.write('y'.repeat(200_000))",
    code: 0,
  },
  'looks at what it was started with': {
    file: 'look.cjs',
    // Not of `exit`: one listener of ours ends captures there.
    text: `const events = ['beforeExit', 'uncaughtException', 'unhandledRejection', 'warning', 'SIGTERM', 'SIGINT'];
const { title, argv } = process;
setTimeout(() => {
  // Before anything is written: nobody else may have opened the standard streams.
  console.log(process.getActiveResourcesInfo());
  console.log(argv.slice(1), Object.keys(globalThis), title);
  console.log(events.map((event) => process.listenerCount(event)), Error.stackTraceLimit, String(Error.prepareStackTrace));
  console.log(Object.keys(process.env).filter((name) => /LOOPSIGHT|NODE/.test(name)), process.exitCode);
}, 120);`,
    code: 0,
  },
};

// Warnings begin with the id of the process.
const withoutPid = ({ code, signal, stdout, stderr }: Run) => ({
  code,
  signal,
  stdout,
  stderr: stderr.replace(/^\(node:\d+\)/gm, '(node)'),
});

for (const flag of ['import', 'require'] as const) {
  describe(`--${flag}: a program that`, { concurrency: 2 }, () => {
    for (const [title, { file, text, code, signal = null }] of Object.entries(PROGRAMS)) {
      test(title, async () => {
        const path = write(`${flag}-${file}`, text);
        const alone = await runWithoutStalls([`--${flag}`, empty[flag], path], { cwd: folder });
        const beside = await runWithoutStalls([`--${flag}`, registerFiles[flag], path], { cwd: folder });
        assert.deepEqual({ code: alone.code, signal: alone.signal }, { code, signal }, alone.stderr);
        assert.deepEqual(withoutPid(beside), withoutPid(alone));
      });
    }
  });
}

describe('a program that has no file', { concurrency: 2 }, () => {
  const STARTS: Readonly<Record<string, { readonly args: readonly string[]; readonly input?: string }>> = {
    '-e': { args: ['-e', "console.log('evaluated', process.argv.length)"] },
    '-e, throwing': { args: ['-e', "throw new Error('evaluated')"] },
    '-p': { args: ['-p', '1 + 1'] },
    '--input-type=module': { args: ['--input-type=module', '-e', "await 1; console.log('module')"] },
    'standard input': { args: [], input: "console.log('from standard input')" },
    'standard input as -': { args: ['-'], input: "console.log('from standard input')" },
    'a file that is missing': { args: [join(folder, 'missing.js')] },
  };
  for (const flag of ['import', 'require'] as const) {
    for (const [title, { args, input = '' }] of Object.entries(STARTS)) {
      test(`--${flag}: ${title}`, async () => {
        const alone = await runWithoutStalls([`--${flag}`, empty[flag], ...args], { cwd: folder, input });
        const beside = await runWithoutStalls([`--${flag}`, registerFiles[flag], ...args], { cwd: folder, input });
        assert.deepEqual(withoutPid(beside), withoutPid(alone));
      });
    }
  }
});
