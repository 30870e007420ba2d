// The demo and load on it, in processes that end with the test.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { root } from '../support/instrumented.js';

/** A version of the demo to run. */
export interface DemoPlan {
  readonly version: '1' | '2';
  readonly faults: readonly string[];
  /** What instruments it, a file. */
  readonly preloaded: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A service under load. */
export interface RunningDemo {
  /** Its address. */
  readonly url: string;
  /** Kills it and its load. */
  stop(): Promise<void>;
}

export interface DemoProcesses extends AsyncDisposable {
  /** Starts the service and load on it. */
  start(plan: DemoPlan): Promise<RunningDemo>;
}

const RATE_PER_S = 15;
/** What the demo itself does not have: connections, child processes, work for the thread pool. */
const WAITING = join(root, 'test/grafana/waiting.mjs');

export function createDemoProcesses(): DemoProcesses {
  const children: ChildProcess[] = [];

  function run(file: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; execArgv: string[] }) {
    const child = fork(join(root, 'dist/demo', file), [...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  }

  return {
    async start({ version, faults, preloaded, env }) {
      const args = ['--port=0', `--version=${version}`, ...faults.map((fault) => `--fault=${fault}`)];
      const execArgv = [preloaded, WAITING].flatMap((file) => ['--import', pathToFileURL(file).href]);
      const service = run('main.js', args, { execArgv, env: { ...process.env, ...env } });
      const url = await addressOf(service);
      const load = run('load.js', [`--url=${url}`, `--rate=${RATE_PER_S}`], { execArgv: [] });
      load.stdout?.resume();
      return { url, stop: () => kill([load, service]) };
    },
    [Symbol.asyncDispose]: () => kill(children.toReversed()),
  };
}

/** The address in the first line that has one: what is loaded before the service may have written others. */
function addressOf(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (service.stdout === null) throw new Error('The service has no standard output');
    createInterface({ input: service.stdout }).on('line', (line) => {
      const [url] = /http:\S+/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
    service.once('exit', (code) => reject(new Error(`The service ended with exit code ${code}`)));
  });
}

async function kill(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
