// Runs the cluster of fixtures/shop.mjs: its workers, requests to them, and scrapes of the group's one endpoint.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type ParsedMetrics, parseText } from '../../src/prometheus/parse.js';
import { registerEsm } from '../support/instrumented.js';
import { freePorts } from './free-ports.js';

/** A worker, by the version that it was given. */
export interface ShopWorker {
  readonly version: string;
  readonly pid: number;
}

export interface Shop extends AsyncDisposable {
  /** Workers that were started, the dead among them. */
  readonly workers: ShopWorker[];
  readonly child: ChildProcess;
  readonly url: string;
  readonly metricsUrl: string;
  stderr(): string;
}

/** Starts a shop and resolves when all its workers answer. */
export async function startShop(
  workers: number,
  { env = {}, instrumentPrimary = false }: { env?: Record<string, string>; instrumentPrimary?: boolean } = {},
): Promise<Shop> {
  const [shopPort, metricsPort] = await freePorts(2);
  const { PATH = '', HOME = '' } = process.env;
  const file = join(import.meta.dirname, 'fixtures/shop.mjs');
  const child = spawn(process.execPath, [...(instrumentPrimary ? ['--import', registerEsm] : []), file], {
    env: {
      PATH,
      HOME,
      WORKERS: `${workers}`,
      SHOP_PORT: `${shopPort}`,
      OTEL_EXPORTER_PROMETHEUS_PORT: `${metricsPort}`,
      ...(instrumentPrimary ? {} : { REGISTER: registerEsm }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const started: ShopWorker[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => started.push(JSON.parse(line) as ShopWorker));
  while (started.length < workers) {
    if (child.exitCode !== null) throw new Error(`the shop ended: ${stderr}`);
    await delay(20);
  }
  return {
    workers: started,
    child,
    url: `http://127.0.0.1:${shopPort}/`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      const { exitCode, signalCode } = child;
      for (const { pid } of started) kill(pid, 'SIGCONT');
      if (exitCode !== null || signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
      // Workers end with their primary, but one that is held would take its time.
      for (const { pid } of started) kill(pid, 'SIGKILL');
    },
  };
}

/** Sends a signal, to a process that may have ended. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

const agent = new Agent({ keepAlive: false });

/** Scrapes once. Rejects where there is no answer within `timeoutMs`. */
export function scrape(
  url: string,
  timeoutMs = 10_000,
  headers: Readonly<Record<string, string>> = {},
): Promise<ParsedMetrics> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(parseText(text));
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    request.on('error', reject);
  });
}

/** Sum of the values of `name` by the label `by`. */
export function sumBy(metrics: ParsedMetrics, name: string, by: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const family of metrics.families.values()) {
    for (const { name: sample, labels, value } of family.samples) {
      if (sample !== name) continue;
      const key = labels[by] ?? '';
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
  }
  return sums;
}
