// What is shown of a comparison, whoever named what was compared.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderJson } from '../../src/compare/render/json.js';
import { renderMarkdown } from '../../src/compare/render/markdown.js';
import { renderText } from '../../src/compare/render/text.js';
import { describeRatio } from '../../src/compare/render/words.js';
import { collected, metric, verdict } from './verdicts.js';

const RATIOS: readonly (readonly [value: number, low: number, high: number, words: string])[] = [
  [1.52, 1.41, 1.63, '52 % more (41 % to 63 % more)'],
  [0.8, 0.75, 0.9, '20 % less (25 % to 10 % less)'],
  [0.97, 0.91, 1.04, '3 % less (9 % less to 4 % more)'],
  [1, 0.999, 1.001, 'the same (the same)'],
  [1.1, 1, 1.2, '10 % more (the same to 20 % more)'],
  [2.76, 2.1, 3.6, '2.76 times as much (2.1 to 3.6 times)'],
  [1.9, 1.5, 2.4, '90 % more (1.5 to 2.4 times)'],
  [1.9, 0, Number.POSITIVE_INFINITY, '90 % more (0 to any number of times)'],
  [Number.NaN, Number.NaN, Number.NaN, 'beyond measure (beyond measure)'],
];
for (const [value, low, high, words] of RATIOS) {
  it(`× ${value} (${low} to ${high}) is ${words}`, () => assert.equal(describeRatio({ value, low, high }), words));
}

const EVIL = 'a|b`c`\u001b[2J\u202e<img src=x> [x](http://evil) @everyone #1\n\n# head\u0000';
const evil = {
  verdict: verdict({
    verdict: 'inconclusive',
    reasons: [`${EVIL} is slow`],
    missing: [EVIL],
    metrics: [
      metric({ subject: EVIL, title: `p99 of ${EVIL}`, ratio: undefined, baseline: Number.NaN, candidate: undefined }),
    ],
  }),
  collected: collected({
    ...{ label: 'flavour', notes: [EVIL], warnings: [EVIL] },
    baseline: { label: EVIL, startS: 1e300, endS: Number.NaN },
    candidate: { label: 'x'.repeat(5000), startS: 0, endS: 1 },
  }),
};

describe('text', () => {
  it('has the verdict first, then the table, then what it rests on', () => {
    assert.equal(
      renderText(verdict(), collected({ chosen: true, notes: ['A note.'], warnings: ['partial'] }), false),
      `worse: 1.5.0 compared with 1.4.2 in job checkout (chosen because of when they ran)
  - active loop time per request is worse.

                              1.4.2   1.5.0   change
active loop time per request  1.9 ms  2.9 ms  52 % more (41 % to 63 % more)  worse

1.4.2: 4 instances, 4 h 0 min in all, 82,000 requests; from 2025-11-24 16:00:00Z to 2025-11-24 17:00:00Z.
1.5.0: 4 instances, 4 h 0 min in all, 82,000 requests; from 2025-11-24 16:00:00Z to 2025-11-24 17:00:00Z.
Load per instance, 1.5.0 to 1.4.2: 3 % more.
Note: A note.
Note: http://prometheus:9090 warned: partial
`,
    );
  });
  it('colours the verdict alone, and on a terminal alone', () => {
    assert.ok(renderText(verdict(), collected(), true).startsWith('\u001b[31mworse\u001b[39m: '));
    assert.ok(!renderText(verdict(), collected(), false).includes('\u001b'));
  });
  it('shows nothing that a terminal obeys', () => {
    const lines = renderText(evil.verdict, evil.collected, false).split('\n');
    for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
    assert.ok(lines.every((line) => line.length < 700));
    assert.match(lines.join('\n'), /from an unknown time to an unknown time/);
  });
});

describe('Markdown', () => {
  it('is a comment', () => {
    const text = renderMarkdown(verdict(), collected());
    assert.match(text, /^### ❌ Loopsight: worse\n\n1\.5\.0 compared with 1\.4\.2 in job checkout\.\n/);
    assert.match(text, /^\|\s+\| 1\.4\.2 \| 1\.5\.0 \| change \| verdict \|\n\| --- \| --- \| --- \| --- \| --- \|\n/m);
    assert.match(
      text,
      /^\| active loop time per request \| 1\.9 ms \| 2\.9 ms \| .*52 % more .* \| \*\*worse\*\* \|$/m,
    );
    assert.match(text, /<details><summary>What this rests on<\/summary>\n\n- /);
  });
  it('lets nothing foreign be markup', () => {
    const text = renderMarkdown(evil.verdict, evil.collected);
    const foreign = text
      .replaceAll(/<\/?(?:details|summary)>/g, '')
      .replaceAll(/&#\d+;/g, '')
      .replaceAll(/[@#]<!-- -->|\*\*worse\*\*/g, '');
    assert.doesNotMatch(foreign.replace('### ', ''), /[<>`@#\\*[\]]|:\/\/|\p{Cf}/u);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    assert.deepEqual(
      rows.map((row) => row.split('|').length),
      [7, 7, 7],
    );
  });
});

describe('JSON', () => {
  it('keeps its keys', () => {
    const result = JSON.parse(renderJson(verdict(), collected(), 1));
    assert.deepEqual(Object.keys(result), [
      ...[
        'format',
        'verdict',
        'exitCode',
        'reasons',
        'missing',
        'source',
        'job',
        'label',
        'chosen',
        'load',
        'loadRatio',
      ],
      ...['design', 'blockS', 'pastWindows', 'progress', 'baseline', 'candidate', 'metrics', 'notes', 'warnings'],
    ]);
    assert.deepEqual(result.baseline, {
      ...{ label: '1.4.2', from: '2025-11-24T16:00:00.000Z', to: '2025-11-24T17:00:00.000Z' },
      ...{ instances: 4, blocks: 48, requests: 82_000.4, seconds: 14_400, loadPerInstance: 5.7 },
    });
    assert.deepEqual(Object.keys(result.metrics[0]), [
      ...['id', 'subject', 'title', 'unit', 'verdict', 'core', 'baseline', 'candidate', 'ratio', 'difference', 'p'],
      ...['reasons', 'missing'],
    ]);
    assert.deepEqual(result.metrics[0].p, { instances: 0.001, placebo: 0.002, combined: 0.002, adjusted: 0.01 });
  });
  it('has null for what is not known, names as they are, and nothing that a terminal obeys', () => {
    const text = renderJson(evil.verdict, evil.collected, 2);
    const result = JSON.parse(text);
    assert.deepEqual(
      [result.metrics[0].ratio, result.metrics[0].baseline, result.metrics[0].candidate],
      [null, null, null],
    );
    assert.deepEqual([result.baseline.label, result.baseline.from, result.baseline.to], [EVIL, null, null]);
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  });
});
