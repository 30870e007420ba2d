// `loopsight trace`: what a process waits for in libuv's thread pool and in synchronous file system calls, from Node's own
// trace events.
import { parseArgs } from 'node:util';
import { type BegunFile, outputFile, UnwritableFile } from '../record/output-file.js';
import { showProgress } from '../record/progress.js';
import { escapeControls, printable } from '../status/wording.js';
import { recordTrace, type TracedWindow } from '../trace-events/record-trace.js';
import { renderTrace, type Trace } from '../trace-events/render.js';
import { sumTrace } from '../trace-events/summary.js';
import { traceFile } from '../trace-events/trace-file.js';
import { withAttached } from './attached.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { readPid } from './find-socket.js';
import { readDuration } from './option-readers.js';

const DEFAULT_DURATION_S = 10;
const MAXIMUM_DURATION_S = 300;
const INTERRUPTED = 130;

const HELP = `Usage: loopsight trace <pid> [options]

Shows how long work waited for libuv's thread pool, ran there, and waited for the loop to
take its result; how long synchronous file system calls held their thread; asynchronous
requests and garbage collections. From Node's own trace events, of all threads.
The process may be any Node on this machine, of the same user; it goes on meanwhile.

Options:
  --duration <duration>  how long, 1s to ${MAXIMUM_DURATION_S / 60}m (default ${DEFAULT_DURATION_S}s)
  -o, --output <file>    the events themselves as well, for https://ui.perfetto.dev; a file
                         that is there is replaced, once the new one is complete
  --json                 the figures as JSON
  -h, --help             this text

Ctrl-C ends the trace early, and shows what there is by then.

Exit code: 0 shown, 2 wrong usage or the process cannot be looked into, 3 nothing could be
traced or written.

Examples:
  loopsight trace 4711
  loopsight trace 4711 --duration 30s -o trace.json
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      duration: { type: 'string' },
      output: { type: 'string', short: 'o' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  if (positionals.length !== 1)
    throw new UsageError(`Expected the id of one process, got ${positionals.length} of them`);
  const pid = readPid(positionals[0] ?? '');
  const durationS = readDuration('--duration', values.duration, 1, MAXIMUM_DURATION_S) ?? DEFAULT_DURATION_S;
  let begun: BegunFile | undefined;
  try {
    // Said before the time is spent.
    const output = values.output === undefined ? undefined : outputFile(values.output);
    begun = output?.begin();
    const { trace, code } = await traceProcess(pid, durationS * 1000, begun, streams);
    if (trace === undefined) return code;
    streams.out(values.json ? `${escapeControls(JSON.stringify(trace, undefined, 2))}\n` : renderTrace(trace));
    if (output !== undefined) streams.error(`${output.shown}: open it at https://ui.perfetto.dev\n`);
    // Ctrl-C is how a trace is ended whose end nobody knew.
    return code === INTERRUPTED ? EXIT_CODES.ok : code;
  } catch (error) {
    if (!(error instanceof UnwritableFile)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  } finally {
    begun?.abandon();
  }
}

async function traceProcess(
  pid: number,
  durationMs: number,
  begun: BegunFile | undefined,
  streams: CommandStreams,
): Promise<{ readonly trace: Trace | undefined; readonly code: number }> {
  const sums = sumTrace(pid);
  const file = begun === undefined ? undefined : traceFile(begun);
  let failure: unknown;
  let traced: (TracedWindow & { readonly title: string; readonly nodeVersion: string }) | undefined;
  const code = await withAttached(pid, streams, async (inspected, signal) => {
    const { title, nodeVersion } = inspected;
    let hide = () => {};
    const failed = new AbortController();
    try {
      const window = await recordTrace(inspected, {
        durationMs,
        signal: AbortSignal.any([signal, failed.signal]),
        onBegin() {
          hide = showProgress(streams.redraw, `Tracing process ${pid}`, durationMs);
        },
        onEvents: (events) => {
          sums.add(events);
          try {
            if (failure === undefined) file?.add(events);
          } catch (error) {
            failure = error;
            failed.abort();
          }
        },
      });
      traced = { ...window, title, nodeVersion };
      return EXIT_CODES.ok;
    } finally {
      hide();
    }
  });
  if (failure !== undefined) throw failure;
  if (traced === undefined) return { trace: undefined, code };
  const { title, nodeVersion, unixMs } = traced;
  file?.done({ title: printable(title), pid: String(pid), nodeVersion, begun: new Date(unixMs).toISOString() });
  return { trace: { pid, ...traced, summary: sums.result(traced.durationMs) }, code };
}
