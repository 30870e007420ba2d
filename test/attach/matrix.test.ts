// Every command on every kind of program that never heard of Loopsight: it tells what the program does, and the program goes on
// as before. A few of them on the Node that runs the test; with LOOPSIGHT_ATTACH_MATRIX=all all of them on Node 20, 22, 24, 26.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildSync } from 'esbuild';
import { listeningOf } from '../../src/attach/listening.js';
import { hasProc } from '../../src/attach/process-facts.js';
import type { Dump, DumpedThread } from '../../src/dump/dump.js';
import type { HotFile } from '../../src/profile/lines.js';
import { readProfile } from '../../src/profile/read-profile.js';
import type { TraceSummary } from '../../src/trace-events/summary.js';
import { eventually } from '../support/eventually.js';
import { root, runNode } from '../support/run-node.js';
import { nodes, programPath, startTarget, type Target } from '../support/target.js';

const IS_MATRIX = process.env.LOOPSIGHT_ATTACH_MATRIX === 'all';
const CONCURRENCY = 3;
/** A profiler or a debugger that was left on, or code that is not optimized any more, costs more than that. */
const SAME_PACE = 0.75;
/** What Node itself says of its inspector. */
const NOTICE = /^(?:Debugger (?:listening on|attached|ending on)|For help, see: )/;
const _WAITS = /^Process \d+ does not answer yet: .*\n/gm;

const folder = mkdtempSync(join(tmpdir(), 'loopsight-matrix-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MAIN = join(root, 'dist/esm/src/cli/main.js');

/** A program that runs, and how its pace is told. */
interface Running {
  readonly target: Target;
  /** How much it does in a while; undefined where it does nothing that could be counted. */
  pace(): Promise<number | undefined>;
  /** Done before each command. */
  prepare?(): Promise<void>;
  /** Done after each command. */
  settle?(): Promise<void>;
  stop(): Promise<void>;
}

interface Kind {
  readonly name: string;
  /** Whether it is one of the few. */
  readonly always?: boolean;
  start(node: string, cwd: string): Promise<Running>;
  /** The function that it spends its time in, and its file; undefined for a program that does nothing. */
  readonly busyIn?: { readonly name: RegExp; readonly file: string; readonly hasNoLines?: boolean };
  /** How long its dump waits for an answer. @default 30s */
  readonly dumpWait?: string;
  /** Whether it uses the thread pool and synchronous calls. */
  readonly usesFiles?: boolean;
  dumped(threads: readonly DumpedThread[]): void;
}

const options = (node: string, cwd: string) => ({ node, cwd, env: { NODE_ENV: 'production' } });

async function telling(node: string, cwd: string, program: string): Promise<Running> {
  const target = await startTarget(program, options(node, cwd));
  // Code is optimized after a while.
  for (let line = 0; line < 3; line++) await target.line(/^pace /);
  return {
    target,
    pace: async () => {
      const lines = [...target.output().stdout.matchAll(/^pace (.*)$/gm)].length;
      const [latest] = await eventually(
        () => [...target.output().stdout.matchAll(/^pace (.*)$/gm)].slice(lines + 1),
        (told) => told.length > 0,
      );
      return Number(latest?.[1]);
    },
    stop: target.kill,
  };
}

async function silent(node: string, cwd: string, program: string): Promise<Running> {
  const target = await startTarget(program, options(node, cwd));
  return { target, pace: async () => undefined, stop: target.kill };
}

// Seconds of processor time, in hundredths.
const usedTicks = (pid: number) => {
  const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(words[11]) + Number(words[12]);
};

const functions = (thread: DumpedThread | undefined) => thread?.stack.map((place) => place.function) ?? [];
const main = (threads: readonly DumpedThread[]) => threads.find(({ threadId }) => threadId === 0);

// Its names are shortened, and its lines are kept: a profile knows of lines alone.
function bundle(file: string, format: 'esm' | 'cjs', isMapped: boolean): string {
  const outfile = join(folder, 'built', file);
  const how = { bundle: true, platform: 'node', format, minifyIdentifiers: isMapped, sourcemap: isMapped } as const;
  buildSync({ entryPoints: [programPath('priced.ts')], outfile, ...how });
  return outfile;
}

const hasAnswered = (threads: readonly DumpedThread[]) => {
  assert.deepEqual([threads.length, main(threads)?.noStack], [1, undefined]);
};

const KINDS: readonly Kind[] = [
  {
    name: 'idle',
    start: (node, cwd) => silent(node, cwd, 'idle.mjs'),
    dumped: (threads) =>
      assert.deepEqual(
        threads.map(({ activity }) => activity),
        ['idle'],
      ),
  },
  {
    name: 'a tight loop',
    always: true,
    start: (node, cwd) => telling(node, cwd, 'tight-pace.mjs'),
    // V8 can charge what was running before to the module, and knows no lines of it.
    busyIn: { name: /^(?:spinForever|addUp|<anonymous>|)$/, file: 'tight-pace.mjs', hasNoLines: true },
    dumped: (threads) => {
      assert.equal(main(threads)?.activity, 'javascript');
      assert.ok(functions(main(threads)).includes('spinForever'));
    },
  },
  {
    name: 'blocked in execSync',
    start: async (node, cwd) => {
      const target = await startTarget('now-and-then.cjs', { ...options(node, cwd), args: ['6'] });
      return {
        target,
        pace: async () => undefined,
        prepare: async () => {
          target.child.kill('SIGUSR2');
          await target.line(/^blocked$/);
        },
        settle: async () => void (await target.line(/^turned$/)),
        stop: target.kill,
      };
    },
    dumpWait: '1s',
    dumped: (threads) => {
      assert.equal(main(threads)?.noStack, 'answer');
      assert.equal(main(threads)?.children?.length, 1);
    },
  },
  {
    name: 'eight workers, three of them blocked',
    start: (node, cwd) => silent(node, cwd, 'workers.mjs'),
    busyIn: { name: /^(?:spinInWorker|waitInWorker|workNowAndThen|<anonymous>|)$/, file: 'workers.mjs' },
    dumped: (threads) => {
      assert.equal(threads.length, 9);
      const byName = new Map(threads.map((thread) => [thread.thread, thread]));
      assert.equal(functions(byName.get('loop'))[0], 'spinInWorker');
      assert.deepEqual(functions(byName.get('wait')).slice(0, 2), ['Atomics.wait', 'waitInWorker']);
      assert.equal(byName.get('exec')?.noStack, 'answer');
    },
  },
  ...(['esm', 'cjs'] as const).map((format) => ({
    name: format === 'esm' ? 'an ES module' : 'CommonJS',
    start: (node: string, cwd: string) =>
      telling(node, cwd, bundle(`priced.${format === 'esm' ? 'mjs' : 'cjs'}`, format, false)),
    busyIn: { name: /^(?:workForAWhile|priceOrder)$/, file: `priced.${format === 'esm' ? 'mjs' : 'cjs'}` },
    usesFiles: true,
    dumped: hasAnswered,
  })),
  {
    name: 'a bundle of TypeScript with source maps',
    always: true,
    start: (node, cwd) => telling(node, cwd, bundle('bundle.cjs', 'cjs', true)),
    busyIn: { name: /^(?:workForAWhile|priceOrder)$/, file: 'priced.ts' },
    usesFiles: true,
    dumped: hasAnswered,
  },
  {
    name: 'a Fastify server under load',
    always: true,
    start: fastify,
    busyIn: { name: /./, file: 'fastify' },
    dumped: hasAnswered,
  },
];

// Every answer is compared, also while commands run.
async function fastify(node: string, cwd: string): Promise<Running> {
  const target = await startTarget('fastify.mjs', options(node, cwd));
  const url = `${/http:\S+/.exec(target.output().stdout)?.[0]}/page`;
  const load = await startTarget('load.mjs', { args: [url] });
  const answers = async () => Number((await load.line(/^answers /)).split(' ')[1]);
  return {
    target,
    pace: async () => {
      const [first, ticks] = [await answers(), usedTicks(target.pid)];
      const last = await eventually(answers, () => usedTicks(target.pid) - ticks >= 10);
      return (last - first) / (usedTicks(target.pid) - ticks);
    },
    settle: async () => assert.doesNotMatch(load.output().stdout, /^wrong .*/m),
    stop: async () => {
      await load.kill();
      await target.kill();
    },
  };
}

interface TopFrame {
  readonly threads: readonly { readonly threadId: number; readonly utilization: number | null }[];
  readonly rows: readonly { readonly name: string; readonly place: string; readonly total: number }[];
}

// Each in a process of its own, as by hand.
async function loopsight(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runNode([MAIN, ...argv], { timeoutMs: 60_000 });
  assert.equal(code, 0, stderr);
  return stdout;
}

type Check = (kind: Kind, pid: string) => Promise<void>;

/** Each command, and that it tells what it is for. */
const COMMANDS: Readonly<Record<string, Check>> = {
  dump: async ({ dumped, dumpWait = '30s' }, pid) => {
    const { threads } = JSON.parse(await loopsight('dump', pid, '--wait', dumpWait, '--json')) as Dump;
    dumped(threads);
  },
  'top --once': async ({ busyIn }, pid) => {
    // A frame is a second of a machine on which others work as well: the first one that is as it should be counts.
    const frame = await eventually(
      async () => JSON.parse(await loopsight('top', pid, '--once', '--json')) as TopFrame,
      ({ rows }) =>
        busyIn === undefined ||
        rows.some(({ name, place, total }) => busyIn.name.test(name) && place.includes(busyIn.file) && total > 0),
    );
    assert.equal(frame.threads[0]?.threadId, 0);
  },
  record: async ({ busyIn }, pid) => {
    const file = join(folder, `${pid}.cpuprofile`);
    const { threads } = await eventually(
      async () => {
        await loopsight('record', pid, '--duration', '1s', '-o', file);
        return readProfile(file);
      },
      ({ functions }) =>
        busyIn === undefined ||
        functions.some((each) => busyIn.name.test(each.name) && each.file.includes(busyIn.file)),
    );
    assert.ok(threads.length > 0);
  },
  trace: async ({ usesFiles }, pid) => {
    const { summary } = JSON.parse(await loopsight('trace', pid, '--duration', '1s', '--json')) as {
      readonly summary: TraceSummary;
    };
    if (usesFiles !== true) return;
    const { syncCalls, pool, requests } = summary;
    assert.ok(syncCalls.length > 0 && pool.length + requests.length > 0, JSON.stringify(summary));
  },
  lines: async ({ busyIn }, pid) => {
    await eventually(
      async () => {
        const told = await loopsight('lines', pid, '--duration', '1s', '--json');
        return (JSON.parse(told) as { readonly files: readonly HotFile[] }).files;
      },
      (files) => {
        if (busyIn === undefined) return true;
        const found = files.find(({ file }) => file.includes(busyIn.file));
        const lines = found?.lines.filter(({ selfUs, text }) => selfUs > 0 && text !== undefined) ?? [];
        return found !== undefined && (busyIn.hasNoLines === true || lines.length > 0);
      },
    );
  },
};

const tasks = ({ pid }: Target) => readdirSync(`/proc/${pid}/task`).length;

/** Nothing is left in the target, and it is as fast as it was. */
async function assertUnharmed(
  { target, pace }: Running,
  threads: number,
  paceBefore: number | undefined,
): Promise<void> {
  await eventually(
    () => [listeningOf(target.pid).length, tasks(target)],
    ([ports = 0, count = 0]) => ports <= (listening.get(target) ?? 0) && count <= threads,
  );
  assert.deepEqual([target.child.exitCode, target.child.signalCode], [null, null]);
  const { stderr } = target.output();
  assert.deepEqual(
    stderr.split('\n').filter((line) => line !== '' && !NOTICE.test(line)),
    [],
  );
  if (paceBefore !== undefined) {
    await eventually(pace, (now) => (now ?? 0) > paceBefore * SAME_PACE);
  }
}

const listening = new Map<Target, number>();

describe('every command on programs that never heard of Loopsight', { skip: !hasProc() && 'no /proc' }, () => {
  it('has a Node for each version', () => {
    if (IS_MATRIX) assert.deepEqual([...nodes().keys()].sort(), ['20', '22', '24', '26']);
  });

  for (const [major, node] of nodes()) {
    const kinds = KINDS.filter(({ always }) => IS_MATRIX || always);
    describe(`Node ${major}`, { concurrency: CONCURRENCY }, () => {
      for (const kind of kinds) {
        describe(kind.name, { concurrency: 1 }, () => {
          let running: Running;
          let threads = 0;
          let paceBefore: number | undefined;
          const cwd = mkdtempSync(join(folder, 'cwd-'));
          before(async () => {
            running = await kind.start(node, cwd);
            threads = tasks(running.target);
            listening.set(running.target, listeningOf(running.target.pid).length);
            paceBefore = await running.pace();
          });
          after(() => running?.stop());

          for (const [command, check] of Object.entries(COMMANDS)) {
            it(command, { timeout: 180_000 }, async () => {
              await running.prepare?.();
              await check(kind, String(running.target.pid));
              await running.settle?.();
              // Node keeps the thread that it started for its trace events.
              if (command === 'trace') threads++;
              await assertUnharmed(running, threads, paceBefore);
            });
          }

          it('has written no files, and said nothing else', () => {
            assert.deepEqual(readdirSync(cwd), []);
            const said = running.target.output().stdout.split('\n');
            assert.deepEqual(
              said.filter((line) => !/^(?:|ready.*|pace .*|blocked|turned)$/.test(line)),
              [],
            );
          });
        });
      }
    });
  }
});
