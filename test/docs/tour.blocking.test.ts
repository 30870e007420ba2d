// docs/tour.md is held to its word: every command is run, and every claim must come true in the run that it is about.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { FAULTS } from '../../demo/faults.js';
import { METRICS } from '../../src/metric-names.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { ROOT } from '../demo/children.js';
import { startTourDemo } from './tour-demo.js';
import { holds, names, readFigure, type Sighting } from './tour-figures.js';
import { type Claim, parseCommands, parseTour, type Step, type TourSection } from './tour-page.js';

const page = readFileSync(join(ROOT, 'docs/tour.md'), 'utf8');
const tour = parseTour(page);
/** Claims have so long to come true, on a slow machine as well; the usual run ends long before. */
const LIMIT_S = 50;
/** Commands that look into a process for a while take so long at most. */
const STEP_S = 5;

test('the tour visits every fault, claims something of each, and has no command elsewhere', () => {
  const faults = tour.flatMap(({ fault }) => fault ?? []);
  assert.deepEqual(faults.sort(), ['none', ...Object.keys(FAULTS)].sort());
  for (const { title, fault, claims, steps, commands } of tour) {
    assert.ok(claims.length + steps.length > 0, title);
    if (fault !== undefined) assert.match(commands[0] ?? '', new RegExp(`^npm start -- --fault=${fault}( |$)`));
    for (const { command } of steps) assert.ok(commands.includes(command), `${title} has no ${command}`);
  }
  assert.deepEqual(
    tour.flatMap(({ commands }) => commands),
    parseCommands(page),
  );
});

test('every metric that the tour speaks of exists', () => {
  const known = Object.values(METRICS).map((metric) => prometheusName(metric));
  const said = page.match(/\b(?:loopsight|nodejs|v8js|process|http)_[a-z0-9_]+\b(?!=)/g) ?? [];
  const unknown = said.filter(
    (name) => ![name, name.replace(/_(?:sum|count|bucket)$/, '')].some((it) => known.includes(it)),
  );
  assert.deepEqual(unknown, []);
});

// `npm start` builds what has changed; two at once would do so in each other's way.
before(() =>
  execFileSync(process.execPath, ['-e', 'import("./scripts/setup.mjs").then((it) => it.setUp())'], { cwd: ROOT }),
);

// Two at a time: what the machines that run this have for cores.
test('what the tour says comes true', { concurrency: 2 }, async (context) => {
  let baseline: Promise<Sighting> | undefined;
  const [healthy, ...faulty] = [...tour].sort((a, b) => Number(b.fault === 'none') - Number(a.fault === 'none'));
  assert.ok(healthy !== undefined);
  await Promise.all([
    context.test('without faults', async () => {
      baseline = visit(healthy, async () => undefined);
      await baseline;
    }),
    ...faulty.map((section) =>
      context.test(section.fault === undefined ? section.title : `with the fault ${section.fault}`, async () => {
        await visit(section, async () => baseline);
      }),
    ),
  ]);
});

/** Runs a section's commands until its claims are true; resolves with the last look, and rejects with what is not. */
async function visit(
  { commands, claims, named, steps }: TourSection,
  baseline: () => Promise<Sighting | undefined>,
): Promise<Sighting> {
  const [start = '', ...rest] = commands;
  const others = rest.filter((command) => steps.every((step) => step.command !== command));
  const demo = await startTourDemo(start, LIMIT_S + 60 + STEP_S * steps.length);
  try {
    const endMs = performance.now() + (LIMIT_S + STEP_S * steps.length) * 1000;
    let untold = steps;
    for (;;) {
      // What one of them has said once is said.
      const silent: Step[] = [];
      for (const step of untold) if (!(await demo.run(step.command)).includes(step.says)) silent.push(step);
      untold = silent;
      const seen = await demo.look(others);
      const normal = (await baseline()) ?? seen;
      const untrue = [
        ...untold.map(({ command, says }) => `${command} does not say ${says}`),
        ...claims.filter((claim) => !holds(claim, seen, normal)).map((claim) => describe(claim, seen, normal)),
        ...named.filter((name) => !names(name, seen)).map((name) => `status does not name ${name}`),
      ];
      if (untrue.length === 0) return seen;
      assert.ok(performance.now() < endMs, `${untrue.join('; ')} (status found ${JSON.stringify(seen.problems)})`);
      await wait(250);
    }
  } finally {
    await demo.end();
  }
}

function describe({ figure, comparison, bound, relative }: Claim, seen: Sighting, normal: Sighting): string {
  const wanted = relative ? `${bound} × ${readFigure(figure, normal)}` : bound;
  return `${figure} is ${readFigure(figure, seen)}, not ${comparison} ${wanted}`;
}
