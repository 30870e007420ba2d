// What all commands have in common, seen from outside: help, wrong arguments, signals, and readers that go away.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listeningOf } from '../../src/attach/listening.js';
import { hasProc } from '../../src/attach/process-facts.js';
import { VERSION } from '../../src/version.js';
import { eventually } from '../support/eventually.js';
import { runHere as loopsight } from '../support/run-here.js';
import { root } from '../support/run-node.js';
import { startTarget } from '../support/target.js';

const MAIN = join(root, 'dist/esm/src/cli/main.js');

const NAMES = [
  ...['status', 'dump', 'top', 'record', 'lines', 'diff', 'trace', 'tasks', 'doctor', 'compare', 'dashboards'],
  ...['rules', 'slo'],
];

describe('every command', () => {
  it('is in the help, and nothing else is', async () => {
    const { code, out } = await loopsight('--help');
    assert.equal(code, 0);
    const listed = /\nCommands:\n(.*?)\n\n/s.exec(out)?.[1]?.split('\n') ?? [];
    assert.deepEqual(
      listed.map((line) => line.trim().split(' ')[0]),
      NAMES,
    );
    assert.deepEqual(await loopsight('help'), await loopsight());
  });

  for (const name of NAMES) {
    it(`${name} has help with two examples and its exit codes, as wide as a terminal`, async () => {
      const { code, out, error } = await loopsight(name, '--help');
      assert.deepEqual({ code, error }, { code: 0, error: '' });
      assert.deepEqual(await loopsight(name, '-h'), { code, out, error });
      assert.match(out, new RegExp(`^Usage: loopsight ${name} `));
      const [, examples = ''] = out.split(/\nExamples?:\n/);
      const count = examples.match(new RegExp(`^ {2}(?:\\S+=\\S+ )*(?:npx )?loopsight ${name}\\b`, 'gm'))?.length ?? 0;
      assert.ok(count >= 2, out);
      assert.match(out, /\n *Exit code/i);
      assert.ok(out.split('\n').every((line) => line.length <= 100));
    });

    it(`${name} refuses an option that it does not have, in one sentence`, async () => {
      const { code, out, error } = await loopsight(name, '--no-such\u001b[2J');
      // The exit code 2 of a comparison is that nothing could be told from it.
      assert.deepEqual({ code, out }, { code: name === 'compare' ? 3 : 2, out: '' });
      assert.equal(error, `Unknown option '--no-such[2J'; see loopsight ${name} --help.\n`);
    });
  }

  it('is named right', async () => {
    assert.deepEqual(await loopsight('dmup'), {
      code: 2,
      out: '',
      error: 'There is no command "dmup"; see loopsight --help.\n',
    });
    assert.deepEqual(await loopsight('--version'), { code: 0, out: `${VERSION}\n`, error: '' });
  });
});

describe('a command that looks into a process', { concurrency: 2, skip: !hasProc() && 'no /proc' }, () => {
  /** Runs it until it looks into a process, ends it, and resolves to its exit code; the process goes on. */
  async function ended(argv: readonly string[], end: (child: ChildProcess) => void): Promise<number | null> {
    const target = await startTarget('idle.mjs');
    const child = spawn(process.execPath, [MAIN, argv[0] ?? '', String(target.pid), ...argv.slice(1)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(child, 'exit');
    try {
      await eventually(
        () => target.output().stderr,
        (text) => text.includes('Debugger attached.'),
      );
      end(child);
      const [code] = (await exit) as [number | null];
      await eventually(
        () => listeningOf(target.pid).length,
        (count) => count === 0,
      );
      assert.deepEqual([target.child.exitCode, target.child.signalCode], [null, null]);
      return code;
    } finally {
      child.kill('SIGKILL');
      await target.kill();
    }
  }

  const ENDS: readonly (readonly [signal: NodeJS.Signals, code: number, argv: readonly string[]])[] = [
    ['SIGTERM', 143, ['top']],
    ['SIGHUP', 129, ['top']],
    ['SIGTERM', 143, ['record', '--duration', '1m']],
    ['SIGHUP', 129, ['trace', '--duration', '1m']],
    ['SIGTERM', 143, ['lines', '--duration', '1m']],
  ];
  for (const [signal, code, argv] of ENDS) {
    it(`${argv[0]} closes the inspector on ${signal}`, async () => {
      assert.equal(await ended(argv, (child) => child.kill(signal)), code);
    });
  }

  it('closes the inspector when nobody reads any more', async () => {
    const code = await ended(['top', '--interval', '0.2'], ({ stdout }) =>
      stdout?.once('data', () => stdout.destroy()),
    );
    assert.equal(code, 0);
  });
});
