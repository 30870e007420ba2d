// Every example of docs/adopt.md, as a user would run it: what it says is where it says it is.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { transform } from 'esbuild';
import { eventually } from '../support/eventually.js';
import { installNeighbours, type Neighbour, type NeighbourLine } from '../support/neighbours.js';
import { freePort } from '../support/prometheus.js';
import { root } from '../support/run-node.js';

const page = readFileSync(join(root, 'docs/adopt.md'), 'utf8');
const LAG = /^loopsight_eventloop_lag(_seconds)?_count\{.*thread_name="main".*\} [1-9]/m;

/** The TypeScript below a heading of the page. */
function exampleOf(heading: string): string {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const code = /^```ts\n(.*?)^```$/ms.exec(section.split('\n## ')[0] ?? '')?.[1];
  assert.ok(code !== undefined, `no example below ${heading}`);
  return code;
}

interface Program {
  readonly line: NeighbourLine;
  readonly heading: string;
  /** What the example is completed with. */
  readonly rest?: string;
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const programs = new Set<ChildProcess>();
const folders = new Set<string>();
after(() => {
  for (const program of programs) program.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const neighbours = new Map<NeighbourLine, Neighbour>();
before(async () => {
  for (const line of ['prom-client', 'otel2'] as const) neighbours.set(line, await installNeighbours(line));
});

/** Starts an example among the packages of a neighbour; undefined where those could not be installed. */
async function run(name: string, { line, heading, rest = '', nodeArguments = [], env = {} }: Program) {
  const neighbour = neighbours.get(line);
  if (neighbour === undefined || 'missing' in neighbour) return undefined;
  const folder = join(neighbour.folder, 'node_modules/.examples');
  folders.add(folder);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  const code = heading === '' ? '' : exampleOf(heading);
  writeFileSync(file, (await transform(`${code}\n${rest}`, { loader: 'ts', format: 'esm' })).code);
  const { PATH = '' } = process.env;
  const program = spawn(neighbour.node, [...nodeArguments, file], {
    cwd: neighbour.folder,
    env: { PATH, LOOPSIGHT_LOG: 'off', ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  programs.add(program);
  return program;
}

/** What is served at `path` of `port`, once it matches every pattern. */
function scraped(port: number, patterns: readonly RegExp[], path = '/metrics'): Promise<string> {
  return eventually(
    async () => {
      try {
        return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
      } catch (error) {
        return `not up yet: ${error}`;
      }
    },
    (text) => patterns.every((pattern) => pattern.test(text)),
  );
}

test('no metrics yet', async (t) => {
  const port = await freePort();
  const program = await run('none', {
    line: 'prom-client',
    heading: '',
    rest: 'setInterval(() => {}, 1000);',
    nodeArguments: ['--import', 'loopsight/register'],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
  });
  if (program === undefined) return t.skip('the packages could not be installed');
  await scraped(port, [LAG]);
});

test('prom-client', async (t) => {
  const port = await freePort();
  const env = { PORT: String(port), OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
  const program = await run('prom-client', { line: 'prom-client', heading: 'prom-client', env });
  if (program === undefined) return t.skip('the packages could not be installed');
  await scraped(port, [LAG, /^process_cpu_user_seconds_total /m, /^process_uptime_seconds\{/m]);
  await scraped(port, [/hello/], '/');
  await assert.rejects(fetch(`http://127.0.0.1:${env.OTEL_EXPORTER_PROMETHEUS_PORT}/metrics`), 'no second port');
});

test('prom-client at our endpoint, found by itself', async (t) => {
  const port = await freePort();
  const program = await run('found', {
    line: 'prom-client',
    heading: '',
    rest: "import { Counter } from 'prom-client'; new Counter({ name: 'orders_total', help: 'Orders.' }).inc(); setInterval(() => {}, 1000);",
    nodeArguments: ['--import', 'loopsight/register'],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), LOOPSIGHT_PROM_CLIENT: 'on' },
  });
  if (program === undefined) return t.skip('the packages could not be installed');
  await scraped(port, [LAG, /^orders_total 1$/m]);
});

test('prom-client at our endpoint, named', async (t) => {
  const port = await freePort();
  const program = await run('named', {
    line: 'prom-client',
    heading: "prom-client at Loopsight's endpoint",
    rest: 'setInterval(() => {}, 1000);',
    nodeArguments: ['--import', 'loopsight/register'],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
  });
  if (program === undefined) return t.skip('the packages could not be installed');
  await scraped(port, [LAG, /^orders_total 1$/m]);
});

test("OpenTelemetry's Prometheus exporter", async (t) => {
  const port = await freePort();
  const program = await run('exporter', {
    line: 'otel2',
    heading: "OpenTelemetry's Prometheus exporter",
    rest: `
      function blockTheLoop() { for (const until = Date.now() + 250; Date.now() < until; ); }
      // More than once: the first may come before there is somebody who watches.
      setInterval(blockTheLoop, 1000);`,
    env: { PORT: String(port) },
  });
  if (program === undefined) return t.skip('the packages could not be installed');
  await scraped(port, [LAG, /^loopsight_eventloop_stalls_total\{/m]);
});

test('OTLP', async (t) => {
  const received: string[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (request.url === '/v1/metrics') received.push(body);
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  try {
    const program = await run('otlp', {
      line: 'otel2',
      heading: 'OTLP',
      rest: 'setTimeout(() => sdk.shutdown(), 500);',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_TRACES_EXPORTER: 'none' },
    });
    if (program === undefined) return t.skip('the packages could not be installed');
    const [code] = await once(program, 'exit');
    assert.equal(code, 0);
    assert.ok(received.some((body) => body.includes('"loopsight.eventloop.lag"')));
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
});
