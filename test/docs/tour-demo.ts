// A run of `npm start` as docs/tour.md tells it, on free ports and for a limited time.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseText } from '../../src/prometheus/parse.js';
import { type Child, descendantsOf, ROOT, spawnStartWith, waitUntilGone } from '../demo/children.js';
import { freePort } from '../support/prometheus.js';
import { runNode } from '../support/run-node.js';
import { readFigure, type Sighting } from './tour-figures.js';

/** Variables in front of it are those of the service. */
const START = /^(?:(?<name>LOOPSIGHT_\w+)='(?<value>[^']*)' )?npm start -- (?<args>.+)$/;
const STATUS = 'npx loopsight status';
const CLI = join(ROOT, 'dist/esm/src/cli/main.js');
const CURL = /^curl -s http:\/\/127\.0\.0\.1:(8080|9464)(\/\w*)$/;
/** The age at which a run is first looked at; before it, too little has happened. */
const SETTLED_S = 6;

/** A demo that runs. */
export interface TourDemo {
  /** Runs commands of the page's against this demo, and resolves to what they and its metrics say. */
  look(commands: readonly string[]): Promise<Sighting>;
  /** Runs one that looks into the process, and resolves to what it prints; the page calls the process 4711. */
  run(command: string): Promise<string>;
  /** Ends it, and resolves once nothing of it runs any more. */
  end(): Promise<void>;
}

/** Starts what the command says, and resolves once there is something to look at. Rejects where it is not `npm start`. */
export async function startTourDemo(command: string, durationS: number): Promise<TourDemo> {
  const { name, value = '', args } = START.exec(command)?.groups ?? {};
  assert.ok(args !== undefined, `Expected the first command to be as "npm start -- --fault=…", got "${command}"`);
  const env = name === undefined ? {} : { [name]: value };
  // Not 0: the system may have given the same port to another test before the service listens.
  const ports = [`--port=${await freePort()}`, `--metrics-port=${await freePort()}`];
  const child = spawnStartWith(env, ...args.split(' '), ...ports, `--duration=${durationS}`);
  try {
    const [, service = '', pid = ''] = await child.waitFor(/The service {3}(http:\S+) +\(process (\d+),/);
    const [, metrics = ''] = await child.waitFor(/Its metrics {3}(http:\S+)/);
    const pids = descendantsOf(child.process.pid ?? 0);
    const look = (commands: readonly string[]) => sight(commands, metrics, service);
    while ((readFigure('process_uptime_seconds', await look([])) ?? 0) < SETTLED_S) await wait(250);
    const folder = mkdtempSync(join(tmpdir(), 'loopsight-tour-'));
    const run = (command: string) =>
      runHere(command.replace('4711', pid).replace('127.0.0.1:9464', new URL(metrics).host), folder);
    const endAll = async () => {
      rmSync(folder, { recursive: true, force: true });
      await end(child, pids);
    };
    return { look, run, end: endAll };
  } catch (error) {
    await end(child, []);
    throw error;
  }
}

async function sight(commands: readonly string[], metrics: string, service: string): Promise<Sighting> {
  let problems: Sighting['problems'] = [];
  let totals: Record<string, number> = {};
  for (const command of commands) {
    const [, port, path = ''] = CURL.exec(command) ?? [];
    if (command === STATUS) problems = await runStatus(metrics);
    else if (port === '9464') await get(new URL(path, metrics));
    else {
      assert.equal(`${port}${path}`, '8080/totals', `"${command}" is no command that this test knows how to run`);
      totals = JSON.parse(await get(new URL(path, service)));
    }
  }
  return { metrics: parseText(await get(new URL(metrics))), totals, problems };
}

async function runStatus(metrics: string): Promise<Sighting['problems']> {
  const { stdout, stderr, code } = await runNode([CLI, 'status', '--json', metrics]);
  assert.ok(code === 0 || code === 1, stderr);
  return JSON.parse(stdout).problems;
}

// Where the page says `-o profile.html`, the file is in `folder`.
async function runHere(command: string, folder: string): Promise<string> {
  const [npx, name, ...args] = command.split(' ');
  assert.equal(`${npx} ${name}`, 'npx loopsight', command);
  const { XDG_RUNTIME_DIR } = process.env;
  const env = XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR };
  const { stdout, stderr, code } = await runNode([CLI, ...args], { cwd: folder, env, timeoutMs: 60_000 });
  assert.equal(code, 0, `${command}: ${stderr}`);
  return stdout + stderr;
}

async function get(url: URL): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url.href);
  return response.text();
}

async function end(child: Child, pids: readonly number[]): Promise<void> {
  child.process.kill('SIGTERM');
  assert.equal(await child.ended, 0, child.output());
  // The reader of the log sees the end of its input only after the service has gone.
  await waitUntilGone(pids, 30_000);
}
