// Two ranges of the page's time beside each other: chosen in a graph, or by minutes and seconds.
import type { PageComparison, PageComparisonRow, PageRange } from '../../src/page/state.js';
import { element, section, setText } from './dom.js';
import { bytes, clock, duration, NOTHING, number, share } from './format.js';
import type { Ranges } from './graphs.js';
import { createTable } from './table.js';

export interface Compare {
  readonly element: HTMLElement;
  /** Takes a range that was drawn in a graph: the first one is A, the next one B, and so on. */
  take(range: PageRange): void;
  /** Says how long the history is: until ranges are chosen, its later half stands against the earlier one. */
  suggest(historyS: number): void;
}

export interface CompareOptions {
  readonly ask: (path: string) => Promise<Response>;
  readonly nowS: () => number;
  readonly onRanges: (ranges: Ranges) => void;
}

/** Makes the part of the page that compares. */
export function createCompare({ ask, nowS, onRanges }: CompareOptions): Compare {
  let next: 'a' | 'b' = 'a';
  const ranges: { a: PageRange | undefined; b: PageRange | undefined } = { a: undefined, b: undefined };
  const sides = { a: side('A'), b: side('B') };
  const message = element('p', { class: 'quiet', role: 'status' });
  const table = createTable<PageComparisonRow>({
    caption: 'Range A and range B beside each other',
    empty: '',
    keyOf: ({ group, name }) => JSON.stringify([group, name]),
    levelOf: ({ a, b }) => (isLarge(a, b) ? 'warning' : ''),
    columns: [
      { title: 'Figure', text: ({ name, group }) => (group === 'blockers' ? `Held: ${name}` : name) },
      { title: 'A', text: (row) => show(row, row.a), isFigure: true },
      { title: 'B', text: (row) => show(row, row.b), isFigure: true },
      { title: 'Change', text: ({ a, b }) => change(a, b), isFigure: true },
    ],
  });

  async function compare(): Promise<void> {
    for (const name of ['a', 'b'] as const) ranges[name] = sides[name].read(nowS());
    onRanges({ ...ranges });
    const query = (['a', 'b'] as const).map((name) => `${name}=${ranges[name]?.fromS}-${ranges[name]?.toS}`).join('&');
    try {
      const response = await ask(`/page/compare.json?${query}`);
      if (!response.ok) throw new Error(await response.text());
      const { rows, notes, a, b } = (await response.json()) as PageComparison;
      table.update(rows);
      const times = `A: ${clock(a.fromS * 1000)} to ${clock(a.toS * 1000)}. B: ${clock(b.fromS * 1000)} to ${clock(b.toS * 1000)}.`;
      setText(message, [times, ...notes].join(' '));
    } catch (error) {
      setText(message, `They could not be compared: ${error instanceof Error ? error.message.trim() : String(error)}`);
    }
  }

  const form = element(
    'form',
    { class: 'ranges' },
    sides.a.element,
    sides.b.element,
    // Not by its own press: the form is sent by the enter key, too.
    element('button', { class: 'strong' }, 'Compare'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void compare();
  });
  const help = element(
    'p',
    { class: 'quiet' },
    'Draw over a graph to choose A, and once more for B; or say how many seconds ago.',
  );
  return {
    element: section('compare', 'Compare two times', help, form, message, table.element),
    suggest(historyS) {
      const half = Math.min(300, Math.floor(historyS / 2));
      sides.a.suggest(2 * half, half);
      sides.b.suggest(half, 0);
    },
    take(range) {
      sides[next].set(range, nowS());
      ranges[next] = range;
      const isBoth = next === 'b';
      next = isBoth ? 'a' : 'b';
      if (!isBoth) ranges.b = undefined;
      onRanges({ ...ranges });
      if (isBoth) void compare();
      else setText(message, 'Range A is chosen; draw over a graph again for B.');
    },
  };
}

function side(name: string) {
  const field = (label: string) => {
    const input = element('input', { type: 'number', min: 0, max: 900, value: 0, inputmode: 'numeric' });
    return { input, label: element('label', {}, label, input) };
  };
  const from = field('from');
  const to = field('to');
  // A range that was drawn stays where it is while time goes on.
  let drawn: PageRange | undefined;
  let isOwn = true;
  for (const { input } of [from, to]) {
    input.addEventListener('input', () => {
      drawn = undefined;
      isOwn = false;
    });
  }
  const legend = element('legend', { class: `range-${name.toLowerCase()}` }, `Range ${name}`);
  return {
    element: element('fieldset', {}, legend, from.label, to.label, ' seconds ago'),
    /** Until the user says something else. */
    suggest(fromAgo: number, toAgo: number) {
      if (!isOwn) return;
      from.input.value = String(fromAgo);
      to.input.value = String(toAgo);
    },
    set(range: PageRange, nowS: number) {
      drawn = range;
      isOwn = false;
      from.input.value = String(Math.max(0, Math.round(nowS - range.fromS)));
      to.input.value = String(Math.max(0, Math.round(nowS - range.toS)));
    },
    read(nowS: number): PageRange {
      if (drawn !== undefined) return drawn;
      const [fromS, toS] = [from, to].map(({ input }) => Math.round(nowS - (Number(input.value) || 0))) as [
        number,
        number,
      ];
      return { fromS: Math.min(fromS, toS), toS: Math.max(fromS, toS) };
    },
  };
}

function show({ unit }: PageComparisonRow, value: number | null): string {
  if (unit === 'ms') return duration(value);
  if (unit === 'share') return share(value);
  if (unit === 'bytes') return bytes(value);
  return value === null ? NOTHING : `${number(value)}${unit === 'perSecond' ? ' /s' : ''}`;
}

function change(a: number | null, b: number | null): string {
  if (a === null || b === null) return NOTHING;
  if (a === b) return 'the same';
  if (a === 0) return 'new';
  const ratio = b / a;
  if (ratio >= 2) return `× ${number(ratio)}`;
  return `${ratio >= 1 ? '+' : '−'}${Math.round(Math.abs(ratio - 1) * 100)} %`;
}

function isLarge(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && a > 0 && b / a >= 2;
}
