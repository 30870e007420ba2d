// Runs a program that blocks its loop, as somebody outside would: register, its own word of the truth, and its /metrics.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../support/run-node.js';

const REGISTER = join(root, 'dist/esm/src/register.js');
/** After this long a program is killed, and counts as one whose stalls nobody saw. */
const TIMEOUT_MS = 120_000;
/** The last answer counts; a program lingers long enough for several. */
const SCRAPE_EVERY_MS = 300;

/** What the first line of a program expects. */
export interface Expectation {
  readonly function: string | readonly string[];
  readonly cause: string | readonly string[];
  readonly thread: string;
}

/** A stall by the program's own clock. */
export interface TrueStall {
  readonly function: string;
  readonly ms: number;
  /** CPU time that the process took meanwhile. */
  readonly cpuMs: number;
}

/** Stalls of one series of `loopsight.eventloop.stalls`. */
export interface CountedStalls {
  readonly thread: string;
  readonly cause: string;
  readonly function: string;
  readonly file: string;
  readonly stalls: number;
  readonly seconds: number;
}

/** One run. */
export interface ProgramRun {
  readonly expected: Expectation;
  readonly truth: readonly TrueStall[];
  readonly counted: readonly CountedStalls[];
  readonly exitCode: number | null;
  /** What the program wrote to standard error: nothing, if all is well. */
  readonly stderr: string;
}

/** Runs `file` under register on `port`; `env` sets the length and number of its stalls. */
export async function runProgram(
  file: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<ProgramRun> {
  const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n', 2);
  const expected = JSON.parse(first.replace(/^\/\/ expect /, '')) as Expectation;
  const extra = second.startsWith('// arguments ') ? (JSON.parse(second.slice(13)) as string[]) : [];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', REGISTER, ...extra, file], {
    cwd: root,
    env: { PATH, HOME, OTEL_EXPORTER_PROMETHEUS_PORT: String(port), LOOPSIGHT_LOG: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close');
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  let page = '';
  while (!isOver) {
    page = await scrape(port).catch(() => page);
    await Promise.race([pause(SCRAPE_EVERY_MS), over]);
  }
  clearTimeout(killer);
  const [exitCode] = await ended;
  const said = stdout.trim().split('\n').at(-1) ?? '';
  const truth = said.startsWith('{') ? (JSON.parse(said) as { stalls: TrueStall[] }).stalls : [];
  return { expected, truth, counted: countedStalls(page), exitCode, stderr };
}

async function scrape(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return await response.text();
}

/** Reads the counters of stalls from a page in Prometheus' text format. */
export function countedStalls(page: string): CountedStalls[] {
  const seconds = new Map<string, number>();
  const found: CountedStalls[] = [];
  for (const [, labels = '', value] of page.matchAll(/^loopsight_eventloop_stall_time_seconds_total\{(.*)\} (\S+)/gm)) {
    seconds.set(labels, Number(value));
  }
  for (const [, labels = '', value] of page.matchAll(/^loopsight_eventloop_stalls_total\{(.*)\} (\S+)/gm)) {
    const label = new Map<string, string>();
    for (const [, name = '', text = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) label.set(name, text);
    found.push({
      thread: label.get('thread_name') ?? '',
      cause: label.get('loopsight_stall_cause') ?? '',
      function: label.get('code_function_name') ?? '',
      file: label.get('code_file_path') ?? '',
      stalls: Number(value),
      seconds: seconds.get(labels) ?? 0,
    });
  }
  return found;
}
