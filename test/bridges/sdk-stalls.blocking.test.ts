// Stalls and who caused them in an application's own SDK, with one call: at its Prometheus exporter and by OTLP.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { runNode } from '../support/run-node.js';

interface Found {
  readonly telemetry: string;
  readonly afterwards: string;
  readonly reports: readonly string[];
  /** How long the loop was blocked by its own account. */
  readonly blockedMs: number;
}

interface Otlp {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: { readonly dataPoints: readonly OtlpPoint[] };
        readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] };
      }[];
    }[];
  }[];
}

interface OtlpPoint {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly asDouble?: number;
  readonly asInt?: number;
}

/** By the function that is to blame: the value of each series of a counter, named as OpenTelemetry names it. */
function countOf(exporter: string, telemetry: string, name: string): Record<string, number> {
  if (exporter === 'prometheus') {
    const families = [...parseText(telemetry).families.entries()];
    // The exporters of these lines leave the unit out of the name.
    const [, family] =
      families.find(([key]) => key.replace('_seconds', '') === `${name.replaceAll('.', '_')}_total`) ?? [];
    return Object.fromEntries(
      (family?.samples ?? []).map(({ labels, value }) => [labels.code_function_name ?? '', value]),
    );
  }
  const [resource] = (JSON.parse(telemetry) as Otlp).resourceMetrics;
  const metrics = resource?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  const points = metrics.find((metric) => metric.name === name)?.sum?.dataPoints ?? [];
  return Object.fromEntries(
    points.map(({ attributes, asDouble, asInt }) => [
      attributes.find(({ key }) => key === 'code.function.name')?.value.stringValue ?? '',
      asDouble ?? asInt ?? Number.NaN,
    ]),
  );
}

const STALLS = 'loopsight.eventloop.stalls';
const STALL_TIME = 'loopsight.eventloop.stall.time';

for (const line of linesUnderTest()) {
  describe(line, { concurrency: 2 }, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    before(async () => {
      neighbour = await installNeighbours(line);
    });

    async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Found> {
      assert.ok('folder' in neighbour);
      const { code, stdout, stderr } = await runNode([...args, 'sdk-stalls.cjs'], {
        cwd: neighbour.folder,
        command: neighbour.node,
        env: { LOOPSIGHT_LOG: 'off', ...env },
      });
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      return JSON.parse(stdout) as Found;
    }

    for (const exporter of ['prometheus', 'otlp']) {
      test(`${exporter}: counted by culprit while our instrumentations run`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        const { telemetry, afterwards, reports, blockedMs } = await run([], { EXPORTER: exporter });
        assert.equal(countOf(exporter, telemetry, STALLS).blockTheLoop, 1);
        const time = countOf(exporter, telemetry, STALL_TIME).blockTheLoop ?? 0;
        assert.ok(time >= blockedMs / 1010 && time < (2 * blockedMs) / 1000, `${time} s of ${blockedMs} ms`);
        assert.ok(telemetry.includes(exporter === 'otlp' ? '"loopsight.eventloop.stall.duration"' : 'stall_duration'));
        assert.ok(reports.includes('blockTheLoop'), 'and the application is told');
        assert.ok((countOf(exporter, afterwards, STALLS).blockTheLoop ?? 1) === 1, 'not after they are disabled');
      });
    }

    for (const [how, args, env] of [
      ['loopsight/register runs beside them', ['--require', 'loopsight/register'], {}],
      ['start() is called after them', [], { STARTS: 'late' }],
      ['start() was called after them and stopped', [], { STARTS: 'briefly' }],
      ['a second SDK has our instrumentations as well', [], { PROVIDERS: '2' }],
    ] as const) {
      test(`counted once where ${how}`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        const { telemetry } = await run(args, { EXPORTER: 'prometheus', ...env });
        assert.equal(countOf('prometheus', telemetry, STALLS).blockTheLoop, 1);
      });
    }

    for (const variable of ['LOOPSIGHT_BLAME', 'LOOPSIGHT_OBSERVER']) {
      test(`counted, and nobody is blamed, with ${variable}=off`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        // Without captures the first two seconds are the program's start.
        const { telemetry } = await run([], { EXPORTER: 'prometheus', [variable]: 'off', WAIT_MS: '2300' });
        const counted = countOf('prometheus', telemetry, STALLS);
        assert.deepEqual(Object.keys(counted), ['']);
        assert.ok((counted[''] ?? 0) >= 1, 'a busy machine adds some of its own');
      });
    }
  });
}
