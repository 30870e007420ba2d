// One profile, ready to be drawn.
import type { FlameData } from '../../src/profile/flame/flame-data.js';
import { type Code, codesOf, distinctNames, keyOf, ownerOf, placeOf } from './codes.js';
import { css, groupOf, hash, legendOf } from './colours.js';
import type { Description, Drawing, LegendItem, Model, Settings } from './drawing.js';
import { shareText, timeText } from './figures.js';
import { focusOn } from './focus.js';
import { sumFunctions } from './hottest.js';
import { matchedTime } from './search.js';
import { at, type Tree } from './tree.js';
import { viewCallers, viewCalls, viewTime } from './views.js';

const SHADES = 8;

/** The model of `data`. */
export function profileModel(data: FlameData): Model {
  const names = distinctNames(data.threads);
  const codes = codesOf(data, names);
  const busy = data.threads.map(({ functions, selfUs }) =>
    functions.reduce((sum, code, node) => sum + (codes[code]?.origin === 'idle' ? 0 : (selfUs[node] ?? 0)), 0),
  );
  return {
    isDiff: false,
    hasTime: data.threads.some(({ runs }) => runs.length > 0),
    title: data.title,
    facts: factsOf(data, busy),
    notes: data.notes,
    threads: names.map((name, place) => ({
      name,
      text: data.durationUs > 0 ? `${shareText((busy[place] ?? 0) / data.durationUs)} busy` : '',
    })),
    draw: (settings) => draw(data, codes, settings),
  };
}

function draw(data: FlameData, codes: readonly Code[], settings: Settings): Drawing {
  const names = distinctNames(data.threads);
  const places = names.flatMap((name, place) => (settings.without.has(name) ? [] : [place]));
  const options = { threads: new Set(places), foldNode: settings.foldNode };
  const calls = viewCalls(data, codes, options);
  const tree = treeOf(data, codes, calls, settings, options);
  const sums = sumFunctions(calls);
  const whole = calls.self.reduce((sum, self) => sum + self, 0);

  const selfByCode = new Map([...sums].map(([code, { self }]) => [code, self]));
  const groups = legendOf(codes, selfByCode, settings.colourBy);
  const paints = new Map(groups.map(({ name, paint }) => [name, paint]));
  const colours = [false, true].map((isDark) =>
    codes.map((code) => {
      const paint = paints.get(groupOf(code, settings.colourBy)) ?? { hue: 220, strength: 0 };
      return css(paint, isDark, (hash(code.name) % SHADES) / SHADES);
    }),
  );
  const legend = groups
    .filter(({ self }) => self > 0)
    .map(
      ({ name, self, paint }): LegendItem => ({
        name,
        text: shareText(self / whole),
        colour: (isDark) => css(paint, isDark, 0.5),
        isStriped: false,
        has: (code) => groupOf(code, settings.colourBy) === name,
      }),
    );
  return {
    tree,
    codes,
    colour: (frame, isDark) => colours[Number(isDark)]?.[at(tree.code, frame)] ?? 'grey',
    isStriped: () => false,
    matched: (found) => `${shareText(whole === 0 ? 0 : matchedTime(tree, found) / whole)} matched`,
    describe: (frame) => describe(tree, codes, frame, { ...settings, whole, sums }),
    legend,
    hasTimeAxis: settings.view === 'time',
    columns: [
      { title: 'Self', text: (us) => shareText(us / whole) },
      { title: 'Self time', text: timeText },
      { title: 'Total', text: (us) => shareText(us / whole) },
      { title: 'Total time', text: timeText },
    ],
    hot: [...sums.values()]
      .filter(({ code, total }) => codes[code]?.origin !== 'thread' && total > 0)
      .map(({ code, self, total }) => ({ code, figures: [self, self, total, total] })),
  };
}

function treeOf(
  data: FlameData,
  codes: readonly Code[],
  calls: Tree,
  { view, focus }: Settings,
  options: Parameters<typeof viewCalls>[2],
): Tree {
  if (view === 'time') return viewTime(data, codes, options);
  const code = focus === undefined ? -1 : codes.findIndex((one) => keyOf(one) === focus);
  if (code !== -1) return focusOn(calls, codes, code, view);
  return view === 'callers' ? viewCallers(calls, codes) : calls;
}

/** What V8's own entries stand for. */
const MEANINGS: Readonly<Record<string, string>> = {
  '(program)': 'native code that no function of JavaScript called, and what the profiler could not see into',
  '(garbage collector)': 'V8 freed memory; what allocated it is not known',
};

interface Known {
  readonly view: Settings['view'];
  readonly whole: number;
  readonly sums: ReturnType<typeof sumFunctions>;
}

function describe(tree: Tree, codes: readonly Code[], frame: number, { view, whole, sums }: Known): Description {
  const code = codes[at(tree.code, frame)];
  if (code === undefined) return { name: '', place: '', owner: '', figures: [] };
  const total = at(tree.total, frame);
  const self = at(tree.self, frame);
  const share = (us: number) => `${timeText(us)} · ${shareText(whole === 0 ? 0 : us / whole)}`;
  const figures: [string, string][] =
    view === 'time'
      ? [
          ['Here', timeText(total)],
          ['From', timeText(at(tree.start, frame))],
        ]
      : [[view === 'callers' ? 'By this way' : 'Total', share(total)]];
  if (view === 'calls') figures.push(['Self', share(self)]);
  const all = sums.get(at(tree.code, frame));
  if (all !== undefined && code.origin !== 'thread') {
    figures.push(['Everywhere', `${share(all.total)}, self ${share(all.self)}`]);
  }
  const meaning = MEANINGS[code.origin === 'engine' ? code.name : ''];
  if (meaning !== undefined) figures.push(['What it is', meaning]);
  if (code.hotLines.length > 0 && (all?.self ?? 0) > 0) {
    figures.push(['Hot lines', code.hotLines.map(([line, us]) => `${line}: ${timeText(us)}`).join(' · ')]);
  }
  return { name: code.name, place: placeOf(code), owner: ownerOf(code), figures };
}

function factsOf(
  { pid, nodeVersion, unixMs, durationUs, intervalUs, threads }: FlameData,
  busy: readonly number[],
): readonly string[] {
  const busyUs = busy.reduce((sum, us) => sum + us, 0);
  const where = threads.length > 1 ? ` in ${threads.length} threads` : '';
  const facts = [`${timeText(durationUs)} recorded, ${timeText(busyUs)} of work${where}`];
  if (intervalUs > 0) facts.push(`every ${timeText(intervalUs)}`);
  if (pid > 0) facts.push(`process ${pid}`);
  if (nodeVersion !== '') facts.push(`Node ${nodeVersion.replace(/^v/, '')}`);
  if (unixMs > 0) facts.push(new Date(unixMs).toLocaleString());
  return facts;
}
