// A Prometheus that has its data already.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/prometheus.js';

/** A Prometheus that runs until it is disposed of. */
export interface FilledPrometheus extends AsyncDisposable {
  readonly url: string;
}

/** A folder of blocks that several Prometheus can be started with, until it is disposed of. */
export interface Blocks extends Disposable {
  readonly folder: string;
}

/** Writes blocks that have `lines` of OpenMetrics. */
export function createBlocks(lines: readonly string[]): Blocks {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-blocks-'));
  const file = join(folder, 'openmetrics');
  writeFileSync(file, `${lines.join('\n')}\n# EOF\n`);
  const made = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '-q', file, join(folder, 'data')], {
    encoding: 'utf8',
  });
  rmSync(file);
  assert.equal(made.status, 0, made.stdout + made.stderr);
  return { folder: join(folder, 'data'), [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** How a Prometheus is started. */
export interface FilledOptions {
  /** The folder of its programs. @default the one that is installed */
  readonly programs?: string;
  readonly flags?: readonly string[];
  /** What stands before its API's path. */
  readonly prefix?: string;
}

/** Starts a Prometheus with a copy of `blocks`. */
export async function startFilledPrometheus(
  blocks: Blocks,
  { programs = '', flags = [], prefix = '' }: FilledOptions = {},
): Promise<FilledPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-filled-'));
  const [data, configuration] = [join(folder, 'data'), join(folder, 'prometheus.yml')];
  cpSync(blocks.folder, data, { recursive: true });
  writeFileSync(configuration, '');
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    join(programs, 'prometheus'),
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${address}`,
      ...(prefix === '' ? [] : [`--web.route-prefix=${prefix}`]),
      ...flags,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://${address}${prefix}`;
  await eventually(
    async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.status,
    (status) => status === 200,
  );
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
