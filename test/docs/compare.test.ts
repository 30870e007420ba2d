// Every command of docs/compare.md, as it stands there, against a Prometheus with a service that a deploy made worse; and
// the files that it points to.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { METRIC_SETS } from '../../grafana/sets.js';
import {
  type Blocks,
  createBlocks,
  type FilledPrometheus,
  startFilledPrometheus,
} from '../compare/filled-prometheus.js';
import { joinServices, type Pod, shopLines } from '../compare/shop.js';
import { requireTool } from '../support/external-tools.js';
import { requirePrometheus } from '../support/prometheus.js';
import { root } from '../support/run-node.js';

const page = readFileSync(join(root, 'docs/compare.md'), 'utf8');
const NOW_S = Math.floor(Date.now() / 1000);
const folder = mkdtempSync(join(tmpdir(), 'loopsight-compare-page-'));

let blocks: Blocks | undefined;
let prometheus: FilledPrometheus | undefined;
let metricsPort = 0;
const service = createServer((_, response) => {
  const seconds = Math.round(Date.now() / 10) / 100;
  response.end(
    [
      `process_uptime_seconds ${seconds - NOW_S + 1000}`,
      `nodejs_eventloop_time_seconds_total{thread_name="main",nodejs_eventloop_state="active"} ${seconds - NOW_S}`,
      `http_server_request_duration_seconds_count ${Math.round(100 * (seconds - NOW_S))}`,
      `loopsight_eventloop_lag_seconds_bucket{thread_name="main",le="0.1"} ${Math.round(20 * (seconds - NOW_S))}`,
      `loopsight_eventloop_lag_seconds_bucket{thread_name="main",le="+Inf"} ${Math.round(20 * (seconds - NOW_S))}\n`,
    ].join('\n'),
  );
});

function services(): string[] {
  const pods = (prefix: string, version: string, minutes: number, cost: number): Pod[] =>
    [0, 1, 2, 3].map((index) => ({
      ...{ instance: `${prefix}-${index}`, version, cost },
      ...{ fromS: NOW_S - minutes * 60 + index, toS: NOW_S + 900 },
    }));
  // It is the time of the least load, whenever this runs: no lag is over 100 ms, as in the answer that the page shows.
  const common = { set: METRIC_SETS.loopsight, intervalAt: () => 75, dayFromS: NOW_S - 18 * 3600 };
  const info = ({ version }: Pod) => ({ process_runtime_version: version === '1.5.0' ? '24.21.0' : '22.23.0' });
  // So much more that its lag grows by more than 10 ms.
  const checkout = [...pods('old', '1.4.2', 360, 1), ...pods('new', '1.5.0', 75, 1.8)];
  return joinServices(
    shopLines({ ...common, job: 'checkout', labels: { cluster: 'eu' }, info, pods: checkout }),
    shopLines({ ...common, job: 'cart', pods: pods('cart', '1', 100, 1) }),
  );
}

before(async () => {
  // `npx loopsight` is what is here.
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin/npx'),
    `#!/bin/sh\nif [ "$1" = --yes ]; then shift; fi\nif [ "$1" != loopsight ]; then exit 99; fi\nshift\nexec "${process.execPath}" --import "${join(root, 'node_modules/tsx/dist/loader.mjs')}" "${join(root, 'src/cli/main.ts')}" "$@"\n`,
    { mode: 0o755 },
  );
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  metricsPort = (service.address() as { port: number }).port;
});
after(async () => {
  service.closeAllConnections();
  service.close();
  await prometheus?.[Symbol.asyncDispose]();
  blocks?.[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** The Prometheus of the page; undefined where there can be none. */
async function started(t: TestContext): Promise<FilledPrometheus | undefined> {
  if (!requirePrometheus(t) || !requireTool(t, 'curl', 'curl') || !requireTool(t, 'jq', 'jq')) return undefined;
  blocks ??= createBlocks(services());
  prometheus ??= await startFilledPrometheus(blocks);
  return prometheus;
}

async function shell(script: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child: ChildProcess = spawn('bash', ['-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      LOOPSIGHT_PROMETHEUS_URL: prometheus?.url ?? '',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', error: '' };
  child.stdout?.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text.error += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...text };
}

/** Each line of the page's shell blocks that is a command of its own, or a whole loop. */
const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => (block.includes('\nfor ') ? [block] : block.split('\n')))
  .map((line) => line.replace(/ {2,}#.*$/, '').trim())
  .filter((line) => line !== '' && !line.startsWith('export '));

describe('docs/compare.md', () => {
  it('has commands', () => assert.ok(commands.length >= 13, `${commands.length}`));

  for (const command of commands) {
    it(command.split('\n')[0] ?? '', async (t: TestContext) => {
      if ((await started(t)) === undefined) return;
      if (command.includes('earlier/')) cpSync(join(folder, 'before'), join(folder, 'earlier'), { recursive: true });
      if (command.includes('after/')) cpSync(join(folder, 'before'), join(folder, 'after'), { recursive: true });
      const { code, out, error } = await shell(
        command.replaceAll('http://prometheus:9090', prometheus?.url ?? '').replaceAll(':9464', `:${metricsPort}`),
      );
      assert.ok(code === 0 || code === 1 || code === 2, `${code} ${error}`);
      if (command === commands[0]) {
        assert.equal(code, 1, out);
        assert.match(
          out,
          /^worse: 1\.5\.0 compared with 1\.4\.2 in job checkout \(chosen because of when they ran\)$/m,
        );
      }
      if (command.includes('| jq')) assert.match(out, /^loop-active-per-request$/m);
      if (command.includes('> comparison.json'))
        assert.equal(JSON.parse(readFileSync(join(folder, 'comparison.json'), 'utf8')).format, 1);
    });
  }

  it('shows an answer as the command gives it', async (t) => {
    if ((await started(t)) === undefined) return;
    const { out } = await shell('npx loopsight compare --job checkout');
    const shown = /^```text\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
    // Without figures, and in any order: what each line says is the same.
    const shape = (text: string) =>
      new Set(
        text
          .split('\n')
          .map((line) =>
            line.replaceAll(/\d[\d.,:-]*|\s+|[µm]s\b/g, '').replace(/(?:times as much|% (?:more|less)).*$/, ''),
          ),
      );
    const real = shape(out);
    const missing = [...shape(shown)].filter((line) => !real.has(line));
    assert.deepEqual(missing, [], out);
  });

  it('points to files that are there', () => {
    for (const [, target = ''] of page.matchAll(/\]\(([^)#:]+)\)/g))
      assert.ok(existsSync(join(root, 'docs', target)), target);
  });
});
