// Two profiles that are compared, ready to be drawn: red is dearer, blue cheaper, striped what only one of them has.
import type { FlameData } from '../../src/profile/flame/flame-data.js';
import { codesOf, ownerOf, placeOf } from './codes.js';
import { changeColour } from './colours.js';
import { type Compared, diffCalls } from './diff-tree.js';
import type { Drawing, LegendItem, Model, Settings } from './drawing.js';
import { changeText, shareText, timeText } from './figures.js';
import { sumFunctions } from './hottest.js';
import { matchedTime } from './search.js';
import { at, type Tree } from './tree.js';

/** The model of what changed from `before` to `after`. */
export function diffModel(before: FlameData, after: FlameData): Model {
  const names = new Set([...before.threads, ...after.threads].map(({ thread }) => thread));
  return {
    isDiff: true,
    hasTime: false,
    title: `${before.title} → ${after.title}`,
    facts: [
      `before: ${timeText(busyOf(before))} busy of ${timeText(before.durationUs)}`,
      `after: ${timeText(busyOf(after))} busy of ${timeText(after.durationUs)}`,
      'shares are of all time that was not idle',
    ],
    notes: [...new Set([...before.notes, ...after.notes])],
    threads: [...names].map((name) => ({ name, text: '' })),
    draw: (settings) => draw(before, after, [...names], settings),
  };
}

function busyOf(data: FlameData): number {
  const codes = codesOf(data);
  let sum = 0;
  for (const { functions, selfUs } of data.threads) {
    functions.forEach((code, node) => {
      if (codes[code]?.origin !== 'idle') sum += selfUs[node] ?? 0;
    });
  }
  return sum;
}

function draw(before: FlameData, after: FlameData, names: readonly string[], settings: Settings): Drawing {
  const threads = new Set(names.filter((name) => !settings.without.has(name)));
  const { tree, codes, compared } = diffCalls(before, after, settings.width, { foldNode: settings.foldNode, threads });
  const change = changesOf(tree, compared, settings.changeOf);
  // Of drawn frames: what is only before has no width where only the other one counts.
  const largest = change.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  const onlyIn = (frame: number) => {
    if (at(compared.beforeTotal, frame) === 0) return 'after';
    return at(compared.afterTotal, frame) === 0 ? 'before' : undefined;
  };
  const befores = sumFunctions(tree, compared.beforeSelf, compared.beforeTotal);
  const afters = sumFunctions(tree, compared.afterSelf, compared.afterTotal);
  return {
    tree,
    codes,
    colour: (frame, isDark) => changeColour(at(change, frame), largest, isDark),
    isStriped: (frame) => onlyIn(frame) !== undefined,
    matched: (found) =>
      `${compareText(matchedTime(tree, found, compared.beforeTotal), matchedTime(tree, found, compared.afterTotal))} matched`,
    describe(frame) {
      const code = codes[at(tree.code, frame)];
      if (code === undefined) return { name: '', place: '', owner: '', figures: [] };
      const only = onlyIn(frame);
      const total = compareText(at(compared.beforeTotal, frame), at(compared.afterTotal, frame));
      const self = compareText(at(compared.beforeSelf, frame), at(compared.afterSelf, frame));
      const figures: [string, string][] = [
        ['Total', total],
        ['Self', self],
      ];
      if (only !== undefined) figures.push(['Seen', `only ${only}`]);
      return { name: code.name, place: placeOf(code), owner: ownerOf(code), figures };
    },
    legend: legend(largest),
    hasTimeAxis: false,
    columns: [
      { title: 'Change of self', text: changeText },
      { title: 'Self before', text: shareText },
      { title: 'Self after', text: shareText },
      { title: 'Change of total', text: changeText },
      { title: 'Total before', text: shareText },
      { title: 'Total after', text: shareText },
    ],
    hot: [...befores.values()]
      .filter(({ code }) => codes[code]?.origin !== 'thread')
      .map(({ code, self, total }) => {
        const next = afters.get(code) ?? { self: 0, total: 0 };
        return { code, figures: [next.self - self, self, next.self, next.total - total, total, next.total] };
      }),
  };
}

function changesOf({ count }: Tree, compared: Compared, of: Settings['changeOf']): Float64Array {
  const [one, other] =
    of === 'total' ? [compared.beforeTotal, compared.afterTotal] : [compared.beforeSelf, compared.afterSelf];
  return Float64Array.from({ length: count }, (_, frame) => at(other, frame) - at(one, frame));
}

const compareText = (before: number, after: number): string =>
  `${shareText(before)} → ${shareText(after)} (${changeText(after - before)})`;

function legend(largest: number): readonly LegendItem[] {
  const entry = (name: string, change: number, isStriped = false): LegendItem => ({
    name,
    text: change === 0 || isStriped ? '' : `up to ${changeText(change)}`,
    colour: (isDark) => changeColour(isStriped ? 0 : change, largest, isDark),
    isStriped,
    has: undefined,
  });
  return [entry('Dearer', largest), entry('Cheaper', -largest), entry('The same', 0), entry('Only in one', 1, true)];
}
