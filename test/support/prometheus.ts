// A real Prometheus for tests.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from './external-tools.js';

/** A series of an answer; an instant query gives one value, a range query several. */
export interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: number])[];
}

/** An exemplar as Prometheus keeps it. */
export interface PrometheusExemplar {
  /** The labels of its series, `__name__` and `le` included. */
  readonly series: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** In seconds since 1970. */
  readonly timestamp: number;
}

/** A Prometheus that runs until it is disposed of. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** Evaluates `expression` now. Rejects with Prometheus' own words where it cannot be parsed or evaluated. */
  query(expression: string): Promise<PrometheusSeries[]>;
  /** Evaluates `expression` every `stepS` (by default every second) from `startS` to `endS`, in seconds since 1970. */
  queryRange(expression: string, startS: number, endS: number, stepS?: number): Promise<PrometheusSeries[]>;
  /** The exemplars of the series that `selector` selects, of the last hour; only with `--enable-feature=exemplar-storage`. */
  exemplars(selector: string): Promise<PrometheusExemplar[]>;
  /** The values of `label` among the series that `selector` selects. */
  labelValues(label: string, selector: string): Promise<string[]>;
  /** The first value of `expression`, once it is a number; rejects after a minute. */
  waitForNumber(expression: string): Promise<number>;
}

interface Answer<T> {
  readonly status: string;
  readonly error?: string;
  readonly data: T;
}

interface RawSeries {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

interface RawExemplars {
  readonly seriesLabels: Record<string, string>;
  readonly exemplars: readonly {
    readonly labels: Record<string, string>;
    readonly value: string;
    readonly timestamp: number;
  }[];
}

const WAIT_MS = 60_000;

/** Whether Prometheus can be run here; where not, the test is skipped or fails as `requireTool` says. */
export function requirePrometheus(t: TestContext): boolean {
  return requireTool(t, 'prometheus', 'prometheus') && requireTool(t, 'promtool', 'prometheus');
}

/**
 * Below the ports that systems give to whoever asks for any; each process that runs has some of its own, for as long as it
 * listens at the first of them.
 */
const PORTS = { first: 11_000, perProcess: 20, processes: 1_000 };
let ownPorts: Promise<number> | undefined;
let portsTried = 0;

const listens = (server: Server) =>
  once(server, 'listening').then(
    () => true,
    () => false,
  );

async function claimPorts(): Promise<number> {
  const { first, perProcess, processes } = PORTS;
  for (let tries = 0; tries < processes; tries++) {
    const port = first + ((process.pid + tries) % processes) * perProcess;
    if (await listens(createServer().listen(port, '127.0.0.1').unref())) return port;
  }
  throw new Error(`All of ${processes} processes' ports are taken`);
}

/** A port of 127.0.0.1 that is free, and that no other test takes before its user comes to listen. */
export async function freePort(): Promise<number> {
  const { perProcess } = PORTS;
  ownPorts ??= claimPorts();
  const first = (await ownPorts) + 1;
  for (let tries = 1; tries < perProcess; tries++) {
    const port = first + (portsTried++ % (perProcess - 1));
    const server = createServer().listen(port, '127.0.0.1');
    if (!(await listens(server))) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`None of ${perProcess - 1} ports is free`);
}

/**
 * Starts Prometheus with `configuration`, which promtool must find right, and further `flags`; of `programs`, the folder
 * that `requirePrometheus3` names, or else the one that is installed.
 */
export async function startPrometheus(
  configuration: string,
  flags: readonly string[] = [],
  programs = '',
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, configuration);
  const checked = spawnSync(join(programs, 'promtool'), ['check', 'config', file], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);

  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    join(programs, 'prometheus'),
    [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`, ...flags],
    { stdio: 'ignore' },
  );

  async function ask<T>(path: string, parameters: Record<string, string>): Promise<T> {
    const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as Answer<T>;
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  }

  async function askForSeries(path: string, parameters: Record<string, string>): Promise<PrometheusSeries[]> {
    const { result } = await ask<{ result: RawSeries[] }>(path, parameters);
    return result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      metric,
      values: values.map(([seconds, text]) => [seconds, Number(text)] as const),
    }));
  }

  const prometheus: Prometheus = {
    url: `http://${address}`,
    query: (expression) => askForSeries('query', { query: expression }),
    queryRange: (expression, startS, endS, stepS = 1) =>
      askForSeries('query_range', { query: expression, start: `${startS}`, end: `${endS}`, step: `${stepS}` }),
    async exemplars(selector) {
      const nowS = Date.now() / 1000;
      const found = await ask<RawExemplars[]>('query_exemplars', {
        query: selector,
        start: `${nowS - 3600}`,
        end: `${nowS}`,
      });
      return found.flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map(({ labels, value, timestamp }) => ({
          series: seriesLabels,
          labels,
          value: Number(value),
          timestamp,
        })),
      );
    },
    labelValues: (label, selector) => ask(`label/${label}/values`, { 'match[]': selector }),
    async waitForNumber(expression) {
      for (const endMs = performance.now() + WAIT_MS; ; await wait(200)) {
        try {
          const value = (await prometheus.query(expression))[0]?.values[0]?.[1];
          if (value !== undefined && Number.isFinite(value)) return value;
        } catch (error) {
          if (performance.now() > endMs) throw error;
        }
        assert.ok(performance.now() < endMs, `${expression} has no value`);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return prometheus;
}
