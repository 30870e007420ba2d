// What an endpoint of a group shows is judged process by process.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { findProblems } from '../../src/status/find-problems.js';
import { createMembers } from '../../src/status/members.js';
import { describeAll } from '../../src/status/summary.js';
import { exposition, lag } from './exposition.js';

const UP = 'loopsight_group_member_up 1';
const BUSY = 'nodejs_eventloop_utilization_ratio{thread_name="main"}';
const BLOCKED = 'loopsight_eventloop_blocked_seconds{thread_name="main"} 3.2';

/** The exposition of a group: of each process the lines of a healthy one but for those given. */
function group(processes: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(processes)
    .flatMap(([process, lines]) =>
      exposition(UP, ...lines)
        .trim()
        .split('\n')
        .map((line) => withLabel(line, process)),
    )
    .join('\n')
    .concat('\n');
}

function withLabel(line: string, process: string): string {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  return `${name}{process="${process}"${labels === '' ? '' : ','}${labels}} ${value}`;
}

const scrapeOf = (processes: Readonly<Record<string, readonly string[]>>) => parseText(group(processes));
const sentences = (processes: Readonly<Record<string, readonly string[]>>) =>
  findProblems({ now: scrapeOf(processes) }).map(({ sentence }) => sentence);

describe('the processes of a group', () => {
  it('are not added up', () => {
    const some = [`${BUSY} 0.3`];
    assert.deepEqual(sentences({ 'worker-1': some, 'worker-2': some, 'worker-3': some, 'worker-4': some }), []);
  });

  it('are named where something is wrong', () => {
    const problems = findProblems({ now: scrapeOf({ 'worker-1': [], 'worker-2': [BLOCKED] }) });
    assert.deepEqual(
      problems.map(({ sentence }) => sentence),
      [
        'Process worker-2: The loop of thread main has been blocked for 3.2 s right now (loopsight_eventloop_blocked_seconds 3.2, bound 0.5).',
      ],
    );
    assert.deepEqual(problems[0]?.labels, { thread_name: 'main', process: 'worker-2' });
  });

  it('do not hide a heap that is full behind those that are not', () => {
    const heap = (used: number) => [
      `v8js_memory_heap_used_bytes{thread_name="main",v8js_heap_space_name="old_space"} ${used}`,
      'v8js_memory_heap_used_bytes{thread_name="main",v8js_heap_space_name="new_space"} 0',
      'loopsight_heap_limit_bytes{thread_name="main"} 10000000',
    ];
    assert.match(
      sentences({ 0: heap(9_900_000), 1: heap(1000) }).join('\n'),
      /^Process 0: The heap of thread main .*$/,
    );
  });

  it('are ranked together, the worst rule first', () => {
    const found = sentences({ a: [`${BUSY} 0.95`, BLOCKED], b: [`${BUSY} 0.99`, BLOCKED.replace('3.2', '6')] });
    assert.deepEqual(
      found.map((sentence) => sentence.replace(/ (has|was) .*$/, '')),
      [
        'Process b: The loop of thread main',
        'Process a: The loop of thread main',
        'Process b: The loop of thread main',
        'Process a: The loop of thread main',
      ],
    );
    assert.match(found[0] ?? '', /blocked for 6 s/);
    assert.match(found[2] ?? '', /busy for 99 %/);
  });

  it('are one sentence where they are silent, whatever they showed last', () => {
    const silent = ['loopsight_group_member_up 0', 'loopsight_group_member_age_seconds 12', BLOCKED];
    assert.deepEqual(sentences({ 'worker-1': [], 'worker-2': silent }), [
      'The process worker-2 does not answer or has ended: it was last heard of 12 s ago (loopsight_group_member_up 0, bound 1).',
    ]);
    assert.deepEqual(sentences({ 'worker-1': [], 'worker-2': silent.slice(0, 1) }), [
      'The process worker-2 does not answer or has ended (loopsight_group_member_up 0, bound 1).',
    ]);
  });

  it('are each compared with themselves: one that was replaced leaves the others their interval', () => {
    const calm = lag({ '0.001': 1000, '+Inf': 0 }, 1);
    const worse = lag({ '0.001': 1000, '0.5': 0, '1': 50, '+Inf': 0 }, 50);
    const now = scrapeOf({ a: ['process_uptime_seconds 1', ...calm], b: ['process_uptime_seconds 110', ...worse] });
    const before = scrapeOf({ a: ['process_uptime_seconds 100', ...calm], b: ['process_uptime_seconds 100', ...calm] });
    const found = findProblems({ now, before, elapsedS: 10 });
    assert.deepEqual(
      found.map(({ period, labels }) => [period, labels.process]),
      [['interval', 'b']],
    );
  });

  it('are told of by the busiest where nothing is wrong', () => {
    const members = createMembers({ now: scrapeOf({ a: [`${BUSY} 0.1`], b: [`${BUSY} 0.4`], c: [] }) });
    assert.match(
      describeAll(members) ?? '',
      /^nothing wrong in 3 processes; b, the busiest: lag p99 .*, its loop busy for 40 % of the last 10 s.*\.$/,
    );
    const only = createMembers({ now: scrapeOf({ primary: [] }) });
    assert.match(describeAll(only) ?? '', /^nothing wrong in 1 process; primary: lag p99/);
  });

  it('are no group for a label that the application chose', () => {
    const now = parseText(`${exposition(BLOCKED)}orders_total{process="import"} 3\n`);
    assert.deepEqual(
      findProblems({ now }).map(({ labels }) => labels),
      [{ thread_name: 'main' }],
    );
    assert.match(describeAll(createMembers({ now })) ?? '', /^nothing wrong: lag p99/);
  });

  it('have names that are safe to print', () => {
    assert.doesNotMatch(sentences({ 'a\u009b2J': [BLOCKED] }).join(), /\u009b/);
    assert.match(sentences({ 'a\u009b2J': [BLOCKED] }).join(), /^Process a2J: /);
  });
});
