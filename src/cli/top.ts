// `loopsight top`: a live table of what a process spends its time on.
import { parseArgs } from 'node:util';
import { UnreadableData } from '../http/unreadable.js';
import { printable } from '../status/wording.js';
import type { TopSource } from '../top/figures.js';
import { printTop } from '../top/print-top.js';
import { runTop } from '../top/run-top.js';
import { openTerminal } from '../top/terminal.js';
import { FIRST_VIEW, MODES, SORTS, type View } from '../top/view.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { readPid } from './find-socket.js';
import { asUsage } from './option-readers.js';

const HELP = `Usage: loopsight top <pid> [options]
       loopsight top <url> [options]

Shows live what a Node.js process spends its time on: functions with their own share of the time
and with all that they called, your own code first; above them the lag and the utilization of
the event loop. The process on this machine need not know of Loopsight. A process elsewhere is
named by the URL of its endpoint, as host:port or in full; it must run with LOOPSIGHT_PAGE=on.
Press ? for the keys. Without a terminal, a frame is written each second.

Options:
  --by <what>              function, line, package or thread (default function)
  --sort <column>          own, total, own-time, total-time or name (default own)
  --filter <text>          only what has it in its name or place
  --thread <name or id>    only this thread; main is the main one
  --interval <seconds>     length of a window, from 0.2 to 60 (default 1)
  --sample-interval <ms>   time between samples, from 0.1 to 100 (default 5)
  --once                   prints one frame and ends
  --json                   prints one frame as JSON and ends
  -h, --help               this text

100 % is one thread that is busy all the time. NO_COLOR leaves colours out. For a URL with
credentials set LOOPSIGHT_TOKEN_FILE, or LOOPSIGHT_USERNAME and LOOPSIGHT_PASSWORD_FILE.

Exit code: 0 left or the process has ended, 2 wrong usage or it cannot be looked into, 3 could not
be read, 130 Ctrl-C while frames are written.

Examples:
  loopsight top 4711
  loopsight top 4711 --by line --filter shop
  loopsight top 4711 --once --by package
  loopsight top shop.internal:9464
`;

const INTERVAL_S = { least: 0.2, most: 60, usual: 1 } as const;
const SAMPLE_INTERVAL_MS = { least: 0.1, most: 100, usual: 5 } as const;
const PIPE_COLUMNS = 120;

/** What was asked for. */
interface Wishes {
  readonly view: View;
  readonly thread: string | undefined;
  readonly windowMs: number;
  readonly intervalUs: number;
  readonly once: boolean;
  readonly json: boolean;
}

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      by: { type: 'string', default: 'function' },
      sort: { type: 'string', default: 'own' },
      filter: { type: 'string', default: '' },
      thread: { type: 'string' },
      interval: { type: 'string' },
      'sample-interval': { type: 'string' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const [target] = positionals;
  if (target === undefined || positionals.length > 1) {
    throw new UsageError(`Expected the id of one process or one url, got ${positionals.length} of them`);
  }
  const wishes: Wishes = {
    view: {
      ...FIRST_VIEW,
      mode: oneOf('--by', values.by, MODES),
      sort: oneOf('--sort', values.sort, SORTS),
      filter: values.filter.trim(),
    },
    thread: values.thread,
    windowMs: numberOf('--interval', values.interval, INTERVAL_S) * 1000,
    intervalUs: Math.round(numberOf('--sample-interval', values['sample-interval'], SAMPLE_INTERVAL_MS) * 1000),
    once: values.once || values.json,
    json: values.json,
  };
  try {
    return /^\d+$/.test(target)
      ? await showProcess(readPid(target), wishes, streams)
      : await showRemote(target, wishes, streams);
  } catch (error) {
    if (!(error instanceof UnreadableData)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

async function showProcess(pid: number, wishes: Wishes, streams: CommandStreams): Promise<number> {
  const [{ withAttached }, { describeWait }, { watchAttached }, { rootOf }, { askLoops }, { systemClock }] =
    await Promise.all([
      import('./attached.js'),
      import('../attach/describe-wait.js'),
      import('../top/attached-source.js'),
      import('../attach/root-of.js'),
      import('../top/ask-loops.js'),
      import('../clock.js'),
    ]);
  return withAttached(pid, streams, async (inspected, signal) => {
    const source = watchAttached(inspected, {
      windowMs: wishes.windowMs,
      intervalUs: wishes.intervalUs,
      clock: systemClock,
      root: rootOf(pid),
      served: inspected.way === 'observer' ? askLoops(pid) : undefined,
      explain: (threadId) => (threadId === 0 ? describeWait(pid).replace(/^its main thread/, 'it') : undefined),
    });
    try {
      return await show(source, wishes, streams, signal);
    } finally {
      await source.stop();
    }
  });
}

async function showRemote(given: string, wishes: Wishes, streams: CommandStreams): Promise<number> {
  const [{ metricsUrl }, { authorizationFrom }, { openPageSource }, { untilSignal }] = await Promise.all([
    import('./fetch-metrics.js'),
    import('./credentials.js'),
    import('../top/page-source.js'),
    import('../top/until-signal.js'),
  ]);
  const url = asUsage(() => metricsUrl(given));
  const authorization = asUsage(() => authorizationFrom(process.env));
  const { windowMs, intervalUs } = wishes;
  return untilSignal(async (signal) => {
    // A profile of a process that is blocked is under way for minutes, and would keep this one when nobody looks any more.
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      const source = await openPageSource(url, { windowMs, intervalUs, authorization, signal: either });
      return source === undefined ? EXIT_CODES.ok : await show(source, wishes, streams, signal);
    } finally {
      over.abort();
    }
  });
}

async function show(source: TopSource, wishes: Wishes, streams: CommandStreams, signal: AbortSignal): Promise<number> {
  const { view, once, json } = wishes;
  const { stdin, stdout } = process;
  const { colour, out } = streams;
  const unicode = showsUnicode(process.env);
  const settle = (first: View, threads: readonly ThreadName[]) => withThread(first, wishes.thread, threads);
  if (once || !stdin.isTTY || !stdout.isTTY || process.env.TERM === 'dumb') {
    const columns = stdout.isTTY && stdout.columns > 0 ? stdout.columns : PIPE_COLUMNS;
    const frames = await printTop(source, { view, columns, colour, unicode, once, json, signal, out, settle });
    if (frames > 0 || signal.aborted) return EXIT_CODES.ok;
    streams.error(`Process ${source.pid} ended before the first window was over.\n`);
    return EXIT_CODES.unreadable;
  }
  const ending = await runTop(source, {
    view,
    colour,
    unicode,
    signal,
    openTerminal: (events) => openTerminal(stdin, stdout, events),
    settle,
  });
  if (ending.how === 'ended') {
    out(ending.lastFrame);
    streams.error(`Process ${source.pid} has ended, or closed its inspector.\n`);
  }
  return EXIT_CODES.ok;
}

interface ThreadName {
  readonly thread: string;
  readonly threadId: number;
}

function withThread(view: View, wanted: string | undefined, threads: readonly ThreadName[]): View {
  if (wanted === undefined) return view;
  const found = threads.find(({ thread, threadId }) => thread === wanted || String(threadId) === wanted);
  if (found !== undefined) return { ...view, threadId: found.threadId };
  const names = threads.slice(0, 20).map(({ thread, threadId }) => `${printable(thread)} (${threadId})`);
  throw new UsageError(`There is no thread "${printable(wanted)}", but ${names.join(', ')}`);
}

function oneOf<T extends string>(option: string, given: string, values: readonly T[]): T {
  const found = values.find((value) => value === given);
  if (found !== undefined) return found;
  throw new UsageError(`Expected \`${option}\` to be one of ${values.join(', ')}, got "${printable(given)}"`);
}

function numberOf(
  option: string,
  given: string | undefined,
  { least, most, usual }: { readonly least: number; readonly most: number; readonly usual: number },
): number {
  if (given === undefined) return usual;
  const value = /^\d*\.?\d+$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`Expected \`${option}\` to be a number from ${least} to ${most}, got "${printable(given)}"`);
}

// Where nothing is said of the locale, as in most containers, terminals show Unicode nevertheless.
function showsUnicode({ LC_ALL = '', LC_CTYPE = '', LANG = '' }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
