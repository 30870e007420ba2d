import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCollected } from '../../src/top/collected.js';
import type { TopUpdate } from '../../src/top/figures.js';
import { drawFrame } from '../../src/top/frame.js';
import { renderLine, widthOf } from '../../src/top/styled-text.js';
import { FIRST_VIEW, type View } from '../../src/top/view.js';
import { type Call, loop, profileOf, updateOf } from './profiles.js';

const SUBJECT = { title: 'shop.js', pid: 4711, nodeVersion: 'v24.0.0' };

const CALLS: readonly Call[] = [
  { name: 'sell', ms: 100, line: 10 },
  {
    name: 'parse',
    ms: 400,
    origin: 'package',
    package: 'parser',
    file: '/srv/node_modules/parser/index.js',
    line: 5,
    parent: 0,
  },
  { name: 'count', ms: 50, line: 20, parent: 0 },
  { name: 'emit', ms: 30, origin: 'node', package: 'node', file: 'node:events', line: 500 },
  { name: '(garbage collector)', ms: 20, origin: 'engine' },
  { name: '(idle)', ms: 400, origin: 'idle' },
];

function frame(updates: readonly TopUpdate[], view: Partial<View> = {}, size = { columns: 100, lines: 24 }): string[] {
  const collected = createCollected();
  for (const update of updates) collected.add(update);
  const drawn = drawFrame(SUBJECT, collected, { ...FIRST_VIEW, ...view }, { ...size, unicode: true });
  return drawn.lines.map((line) => renderLine(line, size.columns, false));
}

/** Own share, total share and name of the rows. */
function rows(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line.includes(' own %')) + 1;
  const body = lines.slice(from, lines.indexOf('', from) === -1 ? undefined : lines.indexOf('', from));
  return body.map((line) => line.trim().split(/\s+/)).map((cells) => [cells[0], cells[1], cells[4]].join(' '));
}

describe('a frame', () => {
  it('has title, graphs, the table and the keys, and fills the terminal', () => {
    const lines = frame([
      updateOf(profileOf({ 0: CALLS }), [loop(0, { utilization: 0.6, lagMs: 3, worstLagMs: 190 })]),
    ]);
    assert.equal(lines.length, 24);
    assert.equal(lines[0], ' shop.js · pid 4711 · Node 24.0.0 · sampled 1 s');
    assert.match(lines[1] ?? '', /^ lag +▆ 3 ms, at most 190 ms$/);
    assert.match(lines[2] ?? '', /^ busy +▅ 60 %$/);
    assert.match(lines[4] ?? '', /^ own %▾ total % +own s +total s {2}name +place/);
    assert.match(lines[5] ?? '', /^ +10\.0 +55\.0 +0\.10 +0\.55 {2}sell +shop\.js:10$/);
    assert.match(lines.at(-1) ?? '', /\?:help .* q:quit$/);
  });

  it('has own code first, and nothing of the idle loop', () => {
    assert.deepEqual(rows(frame([updateOf(profileOf({ 0: CALLS }))])), [
      '10.0 55.0 sell',
      '5.0 5.0 count',
      '40.0 40.0 parse',
      '3.0 3.0 emit',
      '2.0 2.0 (garbage',
    ]);
  });

  const ORDERS: readonly (readonly [what: string, view: Partial<View>, names: readonly string[]])[] = [
    ['by own share alone', { ownFirst: false }, ['parse', 'sell', 'count', 'emit', '(garbage']],
    ['by total share', { ownFirst: false, sort: 'total' }, ['sell', 'parse', 'count', 'emit', '(garbage']],
    ['by name', { sort: 'name' }, ['(garbage', 'count', 'emit', 'parse', 'sell']],
    ['by package', { mode: 'package', ownFirst: false }, ['parser', 'application', 'node', 'engine']],
    ['filtered by place, whatever the case', { filter: 'SHOP' }, ['sell', 'count']],
    ['by line', { mode: 'line', filter: 'shop.js:11' }, ['sell']],
  ];
  for (const [what, view, names] of ORDERS) {
    it(`sorts and filters: ${what}`, () => {
      const shown = rows(frame([updateOf(profileOf({ 0: CALLS }))], view));
      assert.deepEqual(
        shown.map((row) => row.split(' ')[2]),
        names,
      );
    });
  }

  it('shows shares of the last window, and times since the start', () => {
    const lines = frame([
      updateOf(profileOf({ 0: [{ name: 'sell', ms: 1000 }] })),
      updateOf(
        profileOf({
          0: [
            { name: 'sell', ms: 250 },
            { name: '(idle)', ms: 750, origin: 'idle' },
          ],
        }),
      ),
    ]);
    assert.match(lines[0] ?? '', /sampled 2 s$/);
    assert.match(lines[5] ?? '', /^ +25\.0 +25\.0 +1\.25 +1\.25 {2}sell/);
  });

  it('keeps shares until the next window, but not while a loop is blocked', () => {
    const first = updateOf(profileOf({ 0: [{ name: 'sell', ms: 1000 }] }));
    assert.match(frame([first, updateOf(undefined)])[5] ?? '', /^ +100\.0 +100\.0 +1\.00/);
    const blocked = updateOf(undefined, [loop(0, { blockedMs: 500 })]);
    assert.match(frame([first, blocked])[5] ?? '', /^ +0 +0 +1\.00/);
  });

  it('counts a thread once that gives two windows at a time', () => {
    const [first, second] = [
      profileOf({ 0: [{ name: 'sell', ms: 3000 }] }),
      profileOf({ 0: [{ name: 'sell', ms: 1000 }] }),
    ];
    const both = { ...first, threads: [...first.threads, ...second.threads] };
    assert.match(frame([updateOf(both)])[5] ?? '', /^ +100\.0 +100\.0 +4\.00 +4\.00 {2}sell/);
  });

  it('adds threads up, each by its own time, shows one alone, and keeps the time of those that ended', () => {
    const sell = (ms: number): readonly Call[] => [
      { name: 'sell', ms },
      { name: '(idle)', ms: 1000 - ms, origin: 'idle' },
    ];
    const three: readonly Call[] = [{ name: 'sell', ms: 3000 }];
    const update = updateOf(profileOf({ 0: sell(500), 1: sell(200), 2: three }), [loop(0), loop(1), loop(2)]);
    assert.match(frame([update])[5] ?? '', /^ +170\.0 +170\.0 +3\.70/);
    const alone = frame([update], { threadId: 1 });
    assert.match(alone[0] ?? '', /3 threads · only worker 1/);
    assert.match(alone[5] ?? '', /^ +20\.0 +20\.0 +0\.20/);
    assert.match(frame([update, updateOf(undefined, [loop(0, { blockedMs: 500 })])])[5] ?? '', /^ +0 +0 +3\.70/);
  });

  it('shows threads with what holds them', () => {
    const loops = [
      loop(0, { utilization: 0.1 }),
      loop(1, { utilization: 1, blockedMs: 3200, worstLagMs: 3200 }),
      loop(2, {
        utilization: undefined,
        worstLagMs: undefined,
        blockedMs: 2000,
        blockedBy: 'it is in a native call, waits, or gets no processor',
      }),
    ];
    const lines = frame(
      [updateOf(profileOf({ 0: CALLS, 1: [{ name: 'spin', ms: 1000 }] }), loops)],
      { mode: 'thread' },
      { columns: 120, lines: 24 },
    );
    assert.match(lines[4] ?? '', /^busy %▾ +lag {2}thread +hottest function/);
    assert.match(lines[5] ?? '', /^ +100\.0 +3\.2 s {2}worker 1 +blocked for 3\.2 s in spin$/);
    assert.match(lines[6] ?? '', /^ +10\.0 +4 ms {2}main +parse node_modules\/parser\/index\.js:5$/);
    assert.match(
      lines[7] ?? '',
      /^ +– +– {2}worker 2 +blocked for 2 s: it is in a native call, waits, or gets no processor$/,
    );
  });

  it('says how long a blocked loop has not answered, before anything was sampled', () => {
    const lines = frame([
      updateOf(undefined, [
        loop(0, { utilization: 1, worstLagMs: 2000, blockedMs: 2000, blockedBy: 'it does not answer' }),
      ]),
    ]);
    assert.match(lines[1] ?? '', /█ blocked for 2 s: it does not answer$/);
    assert.match(lines[5] ?? '', /has not answered yet/);
  });

  const SIZES = [
    [20, 5],
    [40, 10],
    [69, 24],
    [80, 24],
    [300, 80],
    [1, 1],
  ] as const;
  for (const [columns, lines] of SIZES) {
    it(`is never larger than a terminal of ${columns} × ${lines}`, () => {
      for (const view of [{}, { mode: 'thread' }, { mode: 'line' }, { help: true }, { typed: 'abc' }] as const) {
        const drawn = frame([updateOf(profileOf({ 0: CALLS }), [loop(0)], ['A note.'])], view, { columns, lines });
        assert.ok(drawn.length <= lines, `${drawn.length} lines`);
        for (const line of drawn) assert.ok(widthOf(line) <= columns, line);
      }
    });
  }

  it('draws graphs without Unicode where the locale has none', () => {
    const collected = createCollected();
    for (const worstLagMs of [1, 120, 9000])
      collected.add(updateOf(undefined, [loop(0, { worstLagMs, utilization: 0.3 })]));
    const { lines } = drawFrame(SUBJECT, collected, FIRST_VIEW, { columns: 80, lines: 24, unicode: false });
    assert.match(renderLine(lines[1] ?? [], 80, false), / _\+# /);
    assert.match(renderLine(lines[2] ?? [], 80, false), / ::: /);
  });

  it('shows names that would steer the terminal as text', () => {
    const evil = profileOf({ 0: [{ name: 'a\u001b[2Jb\u202e\n', ms: 10, file: '/srv/\u009b2J.js' }] });
    const lines = frame([updateOf(evil, [loop(0, { thread: '\u001b]0;x\u0007' })])], {});
    assert.doesNotMatch(lines.join(''), /[\p{Cc}\p{Cf}]/u);
  });
});
