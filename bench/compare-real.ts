// `loopsight compare` on real processes: three instances of the sample service, deployed from version 1 to version 1, and
// from there to version 2, which has a regression.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readComparison } from '../src/compare/scrapes/comparison.js';
import { compare } from '../src/compare/statistics/compare.js';
import { type Instance, readText, startInstance } from './compare/instance.js';
import { isQuick } from './support/program.js';
import { printGoal, printHeading, printMarkdownTable } from './support/table.js';

const INSTANCES = 3;
const REQUESTS_PER_S = 15;
const PHASE_S = isQuick ? 90 : 480;
const SCRAPE_EVERY_S = 3;
const OPTIONS = { warmUpS: isQuick ? 15 : 60, minimumBlockS: isQuick ? 6 : 15, maximumBlockS: isQuick ? 12 : 60 };

const folder = mkdtempSync(join(tmpdir(), 'loopsight-compare-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const history = await deploy(1, ['history', 'first']);
await stop(history);
await stop(await deploy(1, ['second']));
await stop(await deploy(2, ['third']));
report('Version 1 after version 1', 'first', 'second', (verdict) => verdict !== 'worse', 'not worse');
report('Version 2 after version 1', 'second', 'third', (verdict) => verdict === 'worse', 'worse');

/** Starts a fleet and saves what it exposes, one folder after the other, each for the length of a phase. */
async function deploy(version: number, phases: readonly string[]): Promise<Instance[]> {
  const fleet = await Promise.all(Array.from({ length: INSTANCES }, () => startInstance(version, REQUESTS_PER_S)));
  for (const phase of phases) {
    const folders = fleet.map((_, index) => join(folder, phase, `v${version}-${index}`));
    for (const own of folders) mkdirSync(own, { recursive: true });
    const endS = performance.now() / 1000 + PHASE_S;
    while (performance.now() / 1000 < endS) {
      const texts = await Promise.all(fleet.map(({ metricsUrl }) => readText(metricsUrl)));
      texts.forEach((text, index) => {
        writeFileSync(join(folders[index] ?? folder, `${Date.now()}.prom`), text);
      });
      await wait(SCRAPE_EVERY_S * 1000);
    }
  }
  return fleet;
}

async function stop(fleet: readonly Instance[]): Promise<void> {
  await Promise.all(fleet.map((instance) => instance.stop()));
}

function report(
  title: string,
  baseline: string,
  candidate: string,
  holds: (verdict: string) => boolean,
  goal: string,
): void {
  const { comparison } = readComparison({
    baseline: join(folder, baseline),
    candidate: join(folder, candidate),
    history: join(folder, 'history'),
    thread: 'main',
  });
  const { verdict, metrics, missing } = compare(comparison, OPTIONS);
  printHeading(`${title}: ${verdict}`);
  printMarkdownTable(
    ['', 'change (90 % interval)', 'answer'],
    metrics.map(({ title: name, answer, reasons }) => [name, reasons.join('; ') || '-', answer]),
  );
  for (const sentence of missing) console.log(`  ${sentence}`);
  printGoal(`the verdict is ${goal}`, verdict, holds(verdict));
}
