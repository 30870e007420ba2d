// The process's figures against other sources, from the main thread and from a worker.
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { countFileDescriptors } from '../../instrumentations/process/file-descriptors.js';
import { processMonitor } from '../../instrumentations/process/index.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore } from '../support/read-store.js';

type Figures = Readonly<Record<string, number>>;

function read(): { figures: Figures; afterStop: Figures } {
  const report = (error: unknown) => assert.fail(String(error));
  const recorder = createStore({ clock: systemClock, report });
  const monitor = processMonitor.start({ recorder, clock: systemClock, shared: false, report });
  const figures = readStore(recorder);
  monitor.stop();
  monitor.stop();
  return { figures, afterStop: readStore(recorder) };
}

function near(actual: number | undefined, expected: number, share: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= share * expected, `${actual} should be near ${expected}`);
}

function assertFigures(figures: Figures): void {
  const { user, system } = process.cpuUsage();
  const cpuSeconds =
    (figures['process.cpu.time{cpu.mode=user}'] ?? 0) + (figures['process.cpu.time{cpu.mode=system}'] ?? 0);
  near(cpuSeconds, (user + system) / 1e6, 0.5);
  near(figures['process.memory.usage'], process.memoryUsage.rss(), 0.5);
  near(figures['process.uptime'], process.uptime(), 0.5);
}

test('CPU time, memory and uptime are those that Node tells; stop removes them', () => {
  const { figures, afterStop } = read();
  assertFigures(figures);
  assert.deepEqual(afterStop, {});
});

test('a worker reads the figures of the whole process, from a bundle that imports nothing but Node', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'read-in-worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    metafile: true,
  });
  assert.deepEqual(
    Object.keys(metafile.inputs).filter((path) => path.includes('node_modules')),
    [],
  );
  const worker = new Worker(outputFiles[0]?.text ?? '', { eval: true, execArgv: [] });
  const figures = await new Promise<Figures>((resolve, reject) =>
    worker.once('message', resolve).once('error', reject),
  );
  await worker.terminate();
  assertFigures(figures);
});

const linux = { skip: process.platform !== 'linux' };

test('open file descriptors go up and down with files', linux, () => {
  const before = countFileDescriptors();
  const files = Array.from({ length: 10 }, () => openSync('/dev/null', 'r'));
  // Counted by hand: the folder without the descriptor of its own reading.
  assert.equal(countFileDescriptors(), readdirSync('/proc/self/fd').length - 1);
  assert.equal(countFileDescriptors(), before + 10);
  for (const file of files) closeSync(file);
  assert.equal(countFileDescriptors(), before);
});

test('the resident set is that of /proc', linux, () => {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  near(read().figures['process.memory.usage'], Number(kibibytes) * 1024, 0.1);
});
