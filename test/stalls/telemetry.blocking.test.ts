// Stalls in the application's own traces and logs, with SDKs of both lines: nested, timed, limited, and on the victims.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { root, runNode } from '../support/run-node.js';

interface ToldSpan {
  readonly name: string;
  readonly scope: string;
  readonly isServer: boolean;
  readonly id: string;
  readonly traceId: string;
  readonly parentId?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}

interface Told {
  readonly spans: readonly ToldSpan[];
  readonly records: readonly {
    readonly eventName: string;
    readonly severityNumber: number;
    readonly body: string;
    readonly scope: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly spanContext?: { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
  }[];
  readonly reports: readonly StallReport[];
  readonly failures: readonly string[];
}

const BLOCKED = 'loopsight.blocked_time';
const blockedTime = (span: ToldSpan | undefined): number => Number(span?.attributes[BLOCKED]);
const culpritOf = ({ attributes }: { attributes: Readonly<Record<string, unknown>> }) =>
  attributes['code.function.name'];

const RUNS = [
  ['otel2', 'on'],
  ['otel2', 'off'],
  ['otel3', 'on'],
] as const;

for (const [line, processor] of RUNS) {
  describe(`${line}, our span processor ${processor}`, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    let told: Told = { spans: [], records: [], reports: [], failures: [] };
    before(async () => {
      neighbour = await installNeighbours(line);
      if ('missing' in neighbour) return;
      const { folder: cwd, node: command } = neighbour;
      const run = await runNode(['stalls.cjs'], { cwd, command, env: { PROCESSOR: processor } });
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.stderr, '');
      told = JSON.parse(run.stdout) as Told;
      assert.deepEqual(told.failures, []);
    });
    const check = (name: string, act: () => void) =>
      test(name, (t) => ('missing' in neighbour ? t.skip(neighbour.missing) : act()));
    const named = (name: string) => told.spans.find((span) => span.name === name);
    const stallsOf = (culprit: string) =>
      told.spans.filter((span) => span.name === 'event_loop.stall' && culpritOf(span) === culprit);
    const parentOf = (stall: ToldSpan) => told.spans.find(({ id }) => id === stall.parentId);
    const recordOf = (culprit: string) => told.records.find((record) => culpritOf(record) === culprit);

    check('a stall is a span below the request that it blocked, for as long as it lasted', () => {
      const [stall, ...others] = stallsOf('priceOrders');
      assert.ok(stall !== undefined);
      assert.deepEqual(others, [], 'each culprit once in ten seconds');
      assert.equal(stall.scope, 'loopsight/stalls');
      assert.match(
        String(stall.attributes['code.stacktrace']),
        /^ {4}at priceOrders \(.*stall-telemetry\.cjs:\d+:\d+\)\n/,
      );
      assert.equal(stall.attributes['http.request.method'], 'GET');
      assert.ok(Number(stall.attributes['code.line.number']) > 0);
      const parent = parentOf(stall);
      assert.ok(parent?.isServer);
      assert.equal(stall.traceId, parent.traceId);
      assert.ok(stall.endMs - stall.startMs >= 399);
      assert.ok(Math.min(stall.endMs, parent.endMs) - Math.max(stall.startMs, parent.startMs) >= 390, 'they overlap');
      const report = told.reports.find(({ culprit }) => culprit?.function === 'priceOrders');
      assert.ok(Math.abs(stall.startMs - Number(report?.startUnixMs)) < 1);
    });

    check('its log record is in the same trace', () => {
      const record = recordOf('priceOrders');
      const [stall] = stallsOf('priceOrders');
      assert.equal(record?.eventName, 'event_loop.stall');
      assert.equal(record.severityNumber, 13);
      assert.equal(record.scope, 'loopsight/stalls');
      assert.equal(record.spanContext?.traceId, stall?.traceId);
      assert.equal(record.spanContext?.spanId, stall?.parentId);
      assert.match(
        record.body,
        /^event loop blocked [\d.]+ m?s by priceOrders .* ← GET \[trace [0-9a-f]{32}\]; 1 request waited/,
      );
    });

    check('culprit and victim carry the blocked time, by the span processor', () => {
      const [stall] = stallsOf('priceOrders');
      const culprit = stall === undefined ? undefined : parentOf(stall);
      const victim = told.spans.find(
        (span) =>
          span.isServer &&
          span !== culprit &&
          span.startMs < Number(culprit?.startMs) &&
          span.endMs > Number(culprit?.endMs) - 1,
      );
      if (processor === 'on') {
        assert.ok(blockedTime(culprit) >= 0.39, JSON.stringify(culprit));
        assert.ok(blockedTime(victim) >= 0.39, JSON.stringify(victim));
        return;
      }
      assert.ok(culprit !== undefined && victim !== undefined);
      assert.deepEqual([culprit.attributes[BLOCKED], victim.attributes[BLOCKED]], [undefined, undefined]);
    });

    check('a traced function carries it without a processor', () => {
      // On a busy machine it was called more than once.
      const [stall] = stallsOf('renderInvoice');
      const rendering = stall === undefined ? undefined : parentOf(stall);
      assert.equal(rendering?.name, 'renderInvoice');
      assert.ok(blockedTime(rendering) >= 0.24);
      assert.equal(stall?.attributes[BLOCKED], undefined);
    });

    check('spans that no stall overlapped do not', () => {
      for (const name of ['before', 'unaffected']) {
        const span = named(name);
        assert.ok(span !== undefined);
        // A busy machine may have stalled the loop in between.
        const isBlocked = told.reports.some(
          ({ startUnixMs, durationMs }) => startUnixMs < span.endMs && startUnixMs + durationMs > span.startMs + 3,
        );
        if (!isBlocked) assert.equal(span.attributes[BLOCKED], undefined, name);
      }
    });

    check('no span below one that is not sampled, but a record', () => {
      assert.deepEqual(stallsOf('reindex'), []);
      assert.equal(recordOf('reindex')?.spanContext?.traceFlags, 0);
    });

    check('without a span around it, a short stall is a record only, and a long one a trace of its own', () => {
      assert.deepEqual(stallsOf('warmUp'), []);
      const [long, ...others] = stallsOf('importCatalogue');
      assert.deepEqual(others, []);
      assert.ok(long !== undefined && long.parentId === undefined);
      assert.ok(long.endMs - long.startMs >= 1199);
      for (const culprit of ['warmUp', 'importCatalogue']) {
        assert.ok(recordOf(culprit) !== undefined);
        assert.equal(recordOf(culprit)?.spanContext, undefined);
      }
    });

    check('nothing tells what a client sent, or where the machine keeps the code', () => {
      const ours = told.spans.filter(({ scope }) => scope.startsWith('loopsight/'));
      const text = JSON.stringify([ours, told.records, told.reports]);
      for (const secret of ['secret', 'token', '4711', root]) assert.ok(!text.includes(secret), secret);
    });
  });
}
