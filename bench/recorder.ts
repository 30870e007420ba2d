// Nanoseconds per recorded value: our store beside an OpenTelemetry SDK and prom-client.
import { isQuick, startProgram } from './support/program.js';
import { median } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const GOAL_NS = 100;
type Rounds = Readonly<Record<string, readonly number[]>>;

printHeading('Recording one value: ns of CPU time per call, median of the rounds');
const program = await startProgram('recorder');
const plan = isQuick ? { rounds: 7, roundMs: 10, warmUpMs: 150 } : { rounds: 21, roundMs: 20, warmUpMs: 400 };
const results = await program.ask<Readonly<Record<string, Rounds>>>('measure', plan);
await program.stop();

const figure = (rounds: readonly number[] | undefined) => (rounds === undefined ? '' : fixed(median(rounds)));
const rows = Object.entries(results).map(([operation, sides]) => [
  operation,
  figure(sides.loopsight),
  figure(sides.otel),
  figure(sides.prom),
  figure(sides.promBound),
]);
printTable(
  ['one label', 'our store', 'OpenTelemetry SDK 2.x', 'prom-client 15', 'prom-client, series kept by hand'],
  rows,
);
const worst = Math.max(...Object.values(results).map(({ loopsight }) => median(loopsight ?? [Number.NaN])));
printGoal(`at most ${GOAL_NS} ns in our store`, `${fixed(worst)} ns at worst`, worst <= GOAL_NS);
