// Runs a Node program to its end and tells how it went; nothing of the suite's own environment reaches it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The root of the repository; the tests are started there. */
export const root = process.cwd();

/** Files of the built package. */
export const registerFiles = {
  import: join(root, 'dist/esm/src/register.js'),
  require: join(root, 'dist/cjs/src/register.js'),
} as const;

/** A Node of at least 22.15 to run what Node 20 is too old for: the one that runs the test, or Node 24. */
export function newerNode(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 15) ? process.execPath : process.env.LOOPSIGHT_TEST_NODE24;
}

export interface RunOptions {
  /** Variables beside PATH, HOME and a free port for the endpoint. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The program to run. @default the Node that runs the test */
  readonly command?: string;
  /** What is written to standard input, which is then closed. @default '' */
  readonly input?: string;
  /** After this long the program is killed and the run fails. @default 60000 */
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a program under test: `PORT=0` for the endpoint, nothing else of ours. */
function cleanEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env };
}

/** Runs a program to its end. Rejects when it takes longer than `timeoutMs`. */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { env, cwd = root, command = process.execPath, input = '', timeoutMs = 60_000 } = options;
  const child = spawn(command, args, { cwd, env: cleanEnvironment(env), stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program may end without reading what it is sent.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} ${args.join(' ')} did not end within ${timeoutMs} ms\n${stdout}\n${stderr}`));
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** What a program said on standard error, but for the long stalls that a busy machine gives to any program. */
export const withoutStalls = (stderr: string): string => stderr.replace(/^\{.*"event":"event_loop\.stall".*\}\n/gm, '');

/** As `runNode`, for programs whose standard error is compared. */
export async function runWithoutStalls(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const run = await runNode(args, options);
  return { ...run, stderr: withoutStalls(run.stderr) };
}
