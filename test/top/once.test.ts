import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findSocket } from '../../src/cli/find-socket.js';
import { eventually } from '../support/eventually.js';
import { registerEsm, root } from '../support/instrumented.js';
import { type Outcome, runHere } from '../support/run-here.js';
import { nodes, startTarget, type Target, type TargetOptions } from '../support/target.js';

const PROGRAMS = join(import.meta.dirname, 'programs');
const BLOCKS = join(PROGRAMS, 'blocks.cjs');
const ANY_PORT = '--inspect-port=0';

const targets: Target[] = [];
after(async () => {
  for (const target of targets) await target.kill();
});

async function start(program: string, options: TargetOptions = {}): Promise<Target> {
  const target = await startTarget(program, { execArgv: [ANY_PORT, '--no-opt'], ...options });
  targets.push(target);
  return target;
}

// What a machine that is busy with others is told while it waits.
const WAITS = /^Process \d+ does not answer yet: .*\n/gm;

async function loopsight(...argv: readonly string[]): Promise<Outcome> {
  const outcome = await runHere(...argv);
  return { ...outcome, error: outcome.error.replace(WAITS, '') };
}

interface Frame {
  readonly pid: number;
  readonly nodeVersion: string;
  readonly windowMs: number;
  readonly threads: readonly {
    readonly thread: string;
    readonly threadId: number;
    readonly utilization: number | null;
    readonly lagMs: number | null;
    readonly worstLagMs: number | null;
    readonly blockedMs: number;
    readonly blockedBy?: string;
  }[];
  readonly rows: readonly {
    readonly name: string;
    readonly place: string;
    readonly own: number;
    readonly total: number;
  }[];
  readonly notes: readonly string[];
}

async function frameOf(target: Target, ...argv: readonly string[]): Promise<Frame> {
  const { code, out, error } = await loopsight('top', String(target.pid), '--json', '--interval', '0.5', ...argv);
  assert.deepEqual({ code, error }, { code: 0, error: '' });
  return JSON.parse(out) as Frame;
}

// A frame is a second of a machine on which others work as well: the first one that is as it should be counts.
function frameUntil(target: Target, isIt: (frame: Frame) => boolean, ...argv: readonly string[]): Promise<Frame> {
  return eventually(() => frameOf(target, ...argv), isIt);
}

const row = (frame: Frame, name: string) => frame.rows.find((one) => one.name === name);

function hasSocket(pid: number): boolean {
  try {
    return existsSync(findSocket(pid));
  } catch {
    return false;
  }
}

// Frame after frame through a pipe; the end of the process is the end of the command.
async function framesUntil(target: Target, isEnough: (text: string) => boolean): Promise<string> {
  const main = join(root, 'dist/esm/src/cli/main.js');
  const child = spawn(process.execPath, [main, 'top', String(target.pid), '--interval', '0.3'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (isEnough(out)) void target.kill();
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    return out;
  } finally {
    child.kill('SIGKILL');
  }
}

describe('loopsight top --once', () => {
  for (const [major, node] of nodes()) {
    it(`shows what a program does, without colours in a pipe, and leaves it as it was (Node ${major})`, async () => {
      const target = await start(BLOCKS, { node, args: ['0.1'] });
      const { code, out, error } = await eventually(
        () => loopsight('top', String(target.pid), '--once'),
        ({ out: frame }) =>
          /\n lag {2}\S (?:[\d.]+ m?s), at most [\d.]+ m?s\n busy \S [\d.]+ %\n/.test(frame) &&
          /\n +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ {2}work +test\/top\/programs\/blocks\.cjs:\d+\n/.test(frame),
      );
      assert.deepEqual({ code, error }, { code: 0, error: '' });
      assert.doesNotMatch(out, /[^\n\P{Cc}]/u);
      const title = new RegExp(
        `^ blocks\\.cjs · pid ${target.pid} · Node ${major}\\.\\d+\\.\\d+ · sampled [\\d.]+ m?s\n`,
      );
      assert.match(out, title);
      const { stdout } = target.output();
      assert.equal(stdout, 'ready\n');
      target.child.kill('SIGUSR2');
      await target.line(/turns/);
    });
  }

  it('shows one frame as JSON, with shares of the time of one thread; ranks lines and packages', async () => {
    const target = await start('shares.mjs');
    const share = (frame: Frame, name: string) => row(frame, name)?.total ?? 0;
    const frame = await frameUntil(
      target,
      (one) =>
        share(one, 'largest') > share(one, 'middle') &&
        share(one, 'middle') > share(one, 'smallest') &&
        share(one, 'round') > 0.5 &&
        // 53 to 19.
        share(one, 'largest') / share(one, 'smallest') > 1.8 &&
        share(one, 'largest') / share(one, 'smallest') < 4.5,
      '--sort',
      'total',
    );
    assert.equal(frame.pid, target.pid);
    assert.equal(frame.nodeVersion, process.version);
    assert.ok(frame.windowMs >= 250, `${frame.windowMs} ms`);
    const [main] = frame.threads;
    assert.ok(main !== undefined && (main.utilization ?? 0) > 0.9 && (main.worstLagMs ?? 0) > 1);
    assert.ok(share(frame, 'smallest') > 0.05);
    assert.ok(frame.rows.every(({ own, total }) => own <= total + 1e-9 && total <= 1.001));
    assert.equal(row(frame, '(idle)'), undefined);
    assert.equal(
      frame.rows.some(({ place }) => place.includes('loopsight-top')),
      false,
    );
    const isLine = ({ name, place }: Frame['rows'][number]) =>
      name === 'burn' && /^test\/attach\/programs\/shares\.mjs:[345]$/.test(place);
    await frameUntil(target, ({ rows }) => rows.some(isLine), '--by', 'line');
    await frameUntil(target, (frame) => (row(frame, 'application')?.total ?? 0) > 0.5, '--by', 'package');
  });

  it('says of a loop that does not turn for how long, and in which code', async () => {
    const target = await start('tight-loop.mjs');
    // V8 can charge functions that were running before to the module that called them.
    const isInFile = ({ place, total }: Frame['rows'][number]) => place.includes('tight-loop.mjs') && total > 0.8;
    const frame = await frameUntil(target, ({ rows }) => rows.some(isInFile));
    const [main] = frame.threads;
    assert.ok(main !== undefined && main.blockedMs > 500 && main.worstLagMs === main.blockedMs);
    await eventually(
      () => loopsight('top', String(target.pid), '--once'),
      ({ out }) => /\n lag .* blocked for [\d.]+ m?s in /.test(out),
    );
  });

  it('shows threads, those that are blocked and those that are not, and one alone', async () => {
    const target = await start('workers.mjs');
    const blocked = ({ threads }: Frame) =>
      threads.filter(({ blockedMs }) => blockedMs > 300).map(({ thread }) => thread);
    const frame = await frameUntil(target, (one) => blocked(one).sort().join() === 'exec,loop,wait', '--by', 'thread');
    assert.equal(frame.threads.length, 9);
    assert.match(
      frame.threads.find(({ thread }) => thread === 'exec')?.blockedBy ?? '',
      /^it is in a native call, waits, or gets no processor$/,
    );
    // V8 can charge a function that was running before to the one that called it.
    const isBusy = (one: Frame) =>
      (row(one, 'workNowAndThen')?.total ?? 0) > 0.1 || (row(one, 'listOnTimeout')?.total ?? 0) > 0.1;
    const alone = await frameUntil(target, isBusy, '--thread', 'busy');
    assert.equal(row(alone, 'spinInWorker'), undefined);
    const { code, error } = await loopsight('top', String(target.pid), '--once', '--thread', 'nobody');
    assert.equal(code, 2);
    assert.match(error, /There is no thread "nobody", but main \(0\), /);
  });

  it('says where lag cannot be measured, because timers are replaced', async () => {
    const target = await start(join(PROGRAMS, 'faked-timers.cjs'));
    const out = await framesUntil(target, (text) => text.includes('Timers are replaced in main'));
    assert.match(out.slice(0, out.lastIndexOf('Timers are replaced')), /\n lag .* not known\n busy .*$/s);
  });

  it('looks into one process twice at the same time', async () => {
    const target = await start(BLOCKS);
    let first: Promise<Frame> | undefined;
    await framesUntil(target, (text) => {
      if (!/\n +[\d.]+ .* work +test/.test(text)) return false;
      first ??= frameUntil(target, (frame) => row(frame, 'work') !== undefined).finally(() => target.kill());
      return false;
    });
    assert.ok((row((await first) as Frame, 'work')?.total ?? 0) > 0);
  });

  it('writes frame after frame into a pipe, until the process ends', async () => {
    const target = await start(BLOCKS);
    const out = await framesUntil(target, (text) => text.split('blocks.cjs · pid').length >= 4);
    assert.match(out, /own %▾ total %/);
    assert.doesNotMatch(out, /[^\n\P{Cc}]/u);
  });

  it('goes through the observer where the process runs with Loopsight: no inspector opens, and its lag is known', async () => {
    const target = await start(BLOCKS, {
      execArgv: ['--no-opt', '--import', registerEsm],
      env: { OTEL_EXPORTER_PROMETHEUS_PORT: '0', LOOPSIGHT_LOG: 'off' },
      args: ['20'],
    });
    await eventually(
      () => hasSocket(target.pid),
      (isThere) => isThere,
    );
    const isWhole = (one: Frame) => row(one, 'work') !== undefined && (one.threads[0]?.worstLagMs ?? 0) > 0;
    const frame = await frameUntil(target, isWhole);
    assert.equal(
      frame.threads.some(({ thread }) => thread.includes('observer')),
      false,
    );
    target.child.kill('SIGUSR2');
    await target.line(/blocks/);
    const blocked = await frameOf(target);
    assert.ok((blocked.threads[0]?.blockedMs ?? 0) > 300);
    assert.doesNotMatch(target.output().stderr, /Debugger/);
  });

  const WRONG: readonly (readonly [argv: readonly string[], code: number, sentence: RegExp])[] = [
    [[], 2, /Expected the id of one process or one url, got 0 of them/],
    [['1', '2'], 2, /got 2 of them/],
    [['0'], 2, /Expected the id of a process/],
    [['4194304999'], 2, /There is no process 4194304999/],
    [['1', '--by', 'file'], 2, /Expected `--by` to be one of function, line, package, thread, got "file"/],
    [['1', '--sort', 'x'], 2, /Expected `--sort` to be one of own, /],
    [['1', '--interval', '0'], 2, /Expected `--interval` to be a number from 0.2 to 60, got "0"/],
    [['1', '--sample-interval', '1s'], 2, /Expected `--sample-interval` to be a number from 0.1 to 100/],
    [['1', '--rate', '5'], 2, /--rate/],
    [['ftp://shop'], 2, /Expected an http URL or host:port/],
    [['127.0.0.1:1'], 3, /could not be reached/],
  ];
  for (const [argv, code, sentence] of WRONG) {
    it(`refuses ${JSON.stringify(argv.join(' '))} in a sentence`, async () => {
      const outcome = await loopsight('top', ...argv);
      assert.match(outcome.error, sentence);
      assert.deepEqual({ code: outcome.code, out: outcome.out }, { code, out: '' });
    });
  }

  it('has help with examples', async () => {
    const { code, out } = await loopsight('top', '--help');
    assert.equal(code, 0);
    assert.ok((out.match(/^ {2}loopsight top /gm) ?? []).length >= 2);
    assert.ok(out.split('\n').every((line) => line.length <= 100));
  });
});
