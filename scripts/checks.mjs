// Runs checks and test files, and counts what passed, failed and was skipped.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { failedTests } from './failed-tests.mjs';
import { root, setUp } from './setup.mjs';

/** A run of test files that takes longer has hung; what it printed until then is what is known. */
const RUN_LIMIT_MS = 20 * 60_000;

/** What ran so far. */
export const total = { passed: 0, failed: 0, skipped: [], failures: [] };
/** The environment of every check. */
export const env = { ...process.env, FORCE_COLOR: '0' };
for (const name of Object.keys(env)) {
  // The suite decides for itself what is configured.
  if (/^(OTEL|LOOPSIGHT)_/.test(name) || name === 'NODE_OPTIONS') delete env[name];
}

/** How many commands run at once: what the machines that run this have for cores. */
const CHECKS_AT_ONCE = 2;

/** Runs commands as checks, several at a time; the output of each is shown only when it fails. */
export async function checkAll(checks) {
  const waiting = [...checks];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(...next);
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, lane));
}

async function check(title, command, args) {
  const run = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const [status] = await once(run, 'close');
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${title}`);
  if (status === 0) total.passed++;
  else {
    total.failed++;
    total.failures.push(title);
    console.log(Buffer.concat(output).toString());
  }
}

/** The script behind a package's command. */
export function bin(name) {
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  const path = typeof manifest.bin === 'string' ? manifest.bin : Object.values(manifest.bin)[0];
  return join(root, 'node_modules', name, path);
}

/** Every test file below `folder`, relative to the root. */
export function testFilesBelow(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return name === 'node_modules' ? [] : testFilesBelow(path);
      return name.endsWith('.test.ts') ? [relative(root, path)] : [];
    });
}

/** The supported lines of OpenTelemetry, as folders below test/neighbours. */
export const OPENTELEMETRY_LINES = { otel2: '2.12', otel3: '3.1' };

/** Whether a test file is to be run once for each line of OpenTelemetry. */
export function dependsOnLine(file) {
  return readFileSync(join(root, file), 'utf8').includes('support/opentelemetry-lines.js');
}

/** Runs test files on `node`, with one `line` of OpenTelemetry or both; adds what they counted, and returns it. */
export async function runTests(title, node, files, { coverage = false, concurrency = 2, line } = {}) {
  if (files.length === 0) return { passed: 0, failed: 0 };
  const report = join(root, '.cache', 'report.tap');
  rmSync(report, { force: true });
  const args = [
    '--enable-source-maps',
    '--import',
    'tsx',
    '--import',
    './test/support/deadline.mjs',
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=240000',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${report}`,
    ...files,
  ];
  console.log(`\n── ${title}`);
  const cover = [
    bin('c8'),
    '--reporter=text-summary',
    '--temp-directory=.cache/coverage',
    '--src=src',
    '--src=instrumentations',
    '--exclude=test/**',
    '--exclude=demo/**',
    '--exclude=bench/**',
    '--exclude-after-remap',
    '--reports-dir=coverage',
    node,
  ];
  const run = spawn(node, coverage ? [...cover, ...args] : args, {
    cwd: root,
    env: line === undefined ? env : { ...env, LOOPSIGHT_TEST_LINE: line },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // Files end by themselves after five minutes (test/support/deadline.mjs), unless their thread is held.
  const deadline = setTimeout(() => {
    console.log(`FAILED  ${title}: not over within ${RUN_LIMIT_MS / 60_000} minutes`);
    for (const pid of [run.pid, ...descendantsOf(run.pid)]) stop(pid);
  }, RUN_LIMIT_MS);
  const [status] = await once(run, 'exit');
  clearTimeout(deadline);
  const tap = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const count = (word) => Number(tap.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
  const counted = count('fail') + count('cancelled');
  const passed = count('pass');
  const failed = counted === 0 && status !== 0 ? 1 : counted;
  total.passed += passed;
  total.failed += failed;
  total.failures.push(...failedTests(tap).map((text) => `${title}: ${text.replaceAll(`${root}/`, '')}`));
  for (const [, name, reason] of tap.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm))
    total.skipped.push(`${title}: ${name} (${reason})`);
  return { passed, failed };
}

function descendantsOf(pid) {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent) => pairs.flatMap(([child, its]) => (its === parent ? [child, ...below(child)] : []));
  return below(pid);
}

function stop(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Installs and builds; where that fails, says why, closes as any other run does, and ends the process. */
export function setUpOrEnd() {
  mkdirSync(join(root, '.cache'), { recursive: true });
  try {
    setUp();
  } catch (error) {
    console.log(error.message);
    total.failed++;
    total.failures.push('set-up');
    close();
    process.exit();
  }
}

/** Prints what failed or was skipped and the closing line; what could not run is a failure where CI=true. */
export function close() {
  for (const text of total.failures) console.log(`failed: ${text}`);
  for (const name of total.skipped) console.log(`skipped: ${name}`);
  if (process.env.CI === 'true') total.failed += total.skipped.length;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}
