// Records a program from its first line to its end, or for a while, and passes on the signals that the command gets.
import type { V8Recording } from '../profile/v8-profile.js';
import { type RecordedProgramOptions, startRecorded } from './recorded-program.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a program at the other end of a terminal wants to know as well. */
const PASSED = ['SIGWINCH', 'SIGCONT'] as const;

/** How it went. */
export interface ProgramOutcome {
  /** The program's exit code as a shell gives it, or why it could not be started. */
  readonly code: number | Error;
  /** Whether it was ended because its time was up. */
  readonly isTimeUp: boolean;
  readonly title: string;
  /** Undefined where no Node told anything. */
  readonly recording: V8Recording | undefined;
}

/** Runs `command` to its end, or ends it after `durationMs`. */
export async function recordProgram(
  command: readonly string[],
  { durationMs, ...options }: RecordedProgramOptions & { readonly durationMs: number | undefined },
): Promise<ProgramOutcome> {
  const program = startRecorded(command, options);
  let isTimeUp = false;
  let timer: NodeJS.Timeout | undefined;
  const restore = passSignals(program);
  // Without a recording, a command that ends early takes its folder and the program with it.
  const endAll = () => {
    program.kill('SIGTERM');
    program.discard();
  };
  process.once('exit', endAll);
  if (durationMs !== undefined) {
    timer = setTimeout(() => {
      isTimeUp = true;
      void program.finish().then(() => program.end());
    }, durationMs);
  }
  try {
    const code = await program.ended;
    clearTimeout(timer);
    return { code, isTimeUp, ...(await program.recording()) };
  } finally {
    process.off('exit', endAll);
    restore();
  }
}

// A signal without a handler ends a program at once: what it did is written before it gets the signal. A second one is passed
// on without waiting.
function passSignals(program: ReturnType<typeof startRecorded>): () => void {
  let asked = false;
  const before = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT');
  const pass = (signal: NodeJS.Signals) => {
    if (asked) {
      program.kill(signal);
      return;
    }
    asked = true;
    void program.finish().finally(() => program.kill(signal));
  };
  const passNow = (signal: NodeJS.Signals) => program.kill(signal);
  const passed = process.platform === 'win32' ? [] : PASSED;
  for (const signal of SIGNALS) process.on(signal, pass);
  for (const signal of passed) process.on(signal, passNow);
  return () => {
    for (const signal of SIGNALS) process.off(signal, pass);
    for (const signal of passed) process.off(signal, passNow);
    for (const listener of before) process.on('SIGINT', listener);
  };
}
