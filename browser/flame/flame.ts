// The flame graph of a profile, or of two that are compared, as a part of a page.
import { keyOf } from './codes.js';
import { createControls } from './controls.js';
import { showCrumbs } from './crumbs.js';
import { showDetails } from './details.js';
import type { Drawing, Settings } from './drawing.js';
import { createGraph } from './graph.js';
import { createHotTable } from './hot-table.js';
import { listen, listenForSearch, type Wish } from './keys.js';
import { createLegend } from './legend.js';
import { neighbour, pathTo } from './navigate.js';
import { createParts } from './parts.js';
import { type Found, matchedFrames, searchCodes } from './search.js';
import { createSearchBox } from './search-box.js';
import { headOf, modelOf, type Shown } from './shown.js';
import { zoomed } from './span.js';
import { createSpoken } from './spoken.js';
import { at } from './tree.js';
import { samePath, timeAxis } from './way.js';

export type { Shown } from './shown.js';

/** A flame graph in a page. */
export interface Flame {
  /** Draws another profile; what was chosen, searched for and zoomed to stays. */
  update(shown: Shown): void;
  /** Removes it from the page. Twice is harmless. */
  destroy(): void;
}

export interface FlameOptions {
  /** Whether title, facts and notes are shown above it. @default true */
  readonly heading?: boolean;
  /** How deep its headings are, in a page that has some of its own. @default 1 */
  readonly level?: 1 | 2 | 3;
  /** Whether there is nothing else in the page, so that the keys for searching are its own wherever the focus is. @default false */
  readonly wholePage?: boolean;
}

const FIRST: Settings = {
  view: 'calls',
  isFlame: false,
  foldNode: false,
  colourBy: 'package',
  width: 'both',
  changeOf: 'total',
  without: new Set(),
  focus: undefined,
  query: '',
};

/**
 * Draws `shown` into `parent`. The page needs the style in flame.css.
 *
 * @example
 * ```ts
 * const flame = mountFlame(document.querySelector('main'), profile);
 * flame.update(later);
 * ```
 */
export function mountFlame(parent: HTMLElement, shown: Shown, options: FlameOptions = {}): Flame {
  const { heading = true, level = 1, wholePage = false } = options;
  const ends = new AbortController();
  let model = modelOf(shown);
  let settings = FIRST;
  let drawing: Drawing;
  let found: Found | undefined;
  let matches: readonly number[] = [];
  let match = -1;
  let chosenGroup: string | undefined;
  let selected: number | undefined;
  let zoomedTo: number | undefined;

  const search = createSearchBox('', (query) => change({ query }), step);
  const legend = createLegend((name) => {
    chosenGroup = chosenGroup === name ? undefined : name;
    light();
  });
  const table = createHotTable((code) => {
    searchFor(code);
    step(1);
  });
  const graph = createGraph({ pick: (frame) => zoomTo(frame), moved: showAxis });
  const speak = createSpoken(graph.box);
  const parts = createParts(search.box, legend.box, graph.box, table.box);
  const { box, head, controls, way, axis, empty, details } = parts;
  parent.replaceChildren(box);

  graph.box.setAttribute('aria-label', 'Flame graph; the table below has the same functions');
  listen(graph.box, () => settings.isFlame, follow);
  graph.box.addEventListener('focus', () => {
    // A press of the mouse selects what is under it, and must find it there.
    if (selected === undefined && graph.box.matches(':focus-visible')) select(drawing.tree.rows[0]?.[0]);
  });
  listenForSearch(wholePage ? document : box, search.field, ends.signal);

  function change(some: Partial<Settings>): void {
    settings = { ...settings, ...some };
    const isSameTree = Object.keys(some).every((name) => name === 'query' || name === 'isFlame');
    if (isSameTree) light();
    else redraw();
  }

  /** Draws all anew; what was zoomed to and selected stays, where it is still there. */
  function redraw(): void {
    const before = drawing;
    drawing = model.draw(settings);
    const again = (frame: number | undefined) =>
      frame === undefined ? undefined : samePath(before, pathTo(before.tree, frame), drawing);
    [zoomedTo, selected] = [again(zoomedTo), again(selected)];
    light();
    zoomTo(zoomedTo, true);
  }

  /** Shows what is there, some of it in a stronger light. */
  function light(): void {
    const { tree, codes } = drawing;
    found = searchCodes(codes, settings.query);
    matches = found === undefined ? [] : matchedFrames(tree, found.codes);
    match = -1;
    const chosen = drawing.legend.find(({ name }) => name === chosenGroup)?.has;
    const lit = Uint8Array.from(codes, (code, place) =>
      Number((found === undefined || found.codes[place] === 1) && (chosen === undefined || chosen(code))),
    );
    const isAll = found === undefined && chosen === undefined;
    graph.show({
      drawing,
      isFlame: settings.isFlame,
      isDimmed: (frame) => !isAll && at(lit, at(tree.code, frame)) === 0,
    });
    empty.hidden = tree.rows.length > 0;
    graph.box.hidden = !empty.hidden;
    search.tell(found === undefined ? '' : foundText(found));
    legend.show(drawing.legend, chosenGroup);
    table.show(drawing, found);
    axis.hidden = !drawing.hasTimeAxis;
  }

  function foundText({ functions, codes }: Found): string {
    if (functions === 0) return 'nothing found';
    return `${drawing.matched(codes)} in ${functions} ${functions === 1 ? 'function' : 'functions'}`;
  }

  function select(frame: number | undefined): void {
    selected = frame;
    graph.select(frame);
    showDetails(details, drawing, frame, { zoom: zoomTo, search: searchFor, only: model.isDiff ? undefined : only });
    if (frame !== undefined) speak(drawing, frame);
  }

  function searchFor(code: number): void {
    search.field.value = drawing.codes[code]?.name ?? '';
    change({ query: search.field.value });
    graph.box.focus();
  }

  function only(code: number, view: 'calls' | 'callers'): void {
    const it = drawing.codes[code];
    if (it === undefined) return;
    change({ view, focus: keyOf(it) });
    controls.replaceChildren(createControls(model, settings, change));
    graph.box.focus();
  }

  function zoomTo(frame: number | undefined, isQuick = false): void {
    const { tree, codes } = drawing;
    zoomedTo = frame;
    const from = frame === undefined ? 0 : at(tree.start, frame);
    graph.go({ from, to: frame === undefined ? tree.extent : from + at(tree.total, frame) }, isQuick);
    const steps = frame === undefined ? [] : pathTo(tree, frame);
    const lowest = drawing.hasTimeAxis || tree.rows[0]?.length !== 1 ? 'Everything' : undefined;
    const wider = { name: 'Everything', press: () => change({ focus: undefined }) };
    showCrumbs(way, [
      ...(settings.focus === undefined ? [] : [wider]),
      ...(lowest === undefined ? [] : [{ name: lowest, press: () => zoomTo(undefined) }]),
      ...(steps.length === 0 && lowest === undefined ? [...(tree.rows[0] ?? [])] : steps).map((step) => ({
        name: codes[at(tree.code, step)]?.name ?? '',
        press: () => zoomTo(step),
      })),
    ]);
    select(frame ?? selected);
  }

  function step(by: 1 | -1): void {
    if (matches.length === 0) return;
    match = (match + by + matches.length) % matches.length;
    const frame = matches[match];
    if (frame === undefined) return;
    reveal(frame);
  }

  /** Selects a frame; where it is out of sight, zooms out to the nearest caller that has it in sight, too. */
  function reveal(frame: number | undefined): void {
    if (frame === undefined) return;
    const { tree } = drawing;
    const { from, to } = graph.span;
    const [start, end] = [at(tree.start, frame), at(tree.start, frame) + at(tree.total, frame)];
    if (start >= to || end <= from) {
      const around = pathTo(tree, zoomedTo ?? frame).findLast(
        (caller) => at(tree.start, caller) <= start && at(tree.start, caller) + at(tree.total, caller) >= end,
      );
      zoomTo(around === zoomedTo ? undefined : around);
    }
    select(frame);
  }

  function follow(wish: Wish): void {
    const { tree } = drawing;
    const { span } = graph;
    if (wish.kind === 'walk') reveal(selected === undefined ? tree.rows[0]?.[0] : neighbour(tree, selected, wish.to));
    else if (wish.kind === 'zoom') zoomTo(selected);
    else if (wish.kind === 'all') zoomTo(undefined);
    else if (wish.kind === 'out') {
      const parent = zoomedTo === undefined ? -1 : at(tree.parent, zoomedTo);
      zoomTo(parent < 0 ? undefined : parent);
    } else if (wish.kind === 'scale') {
      graph.go(zoomed(span, (span.from + span.to) / 2, wish.factor, tree.extent));
    } else if (wish.kind === 'pan') {
      const by = wish.by * (span.to - span.from);
      graph.go({ from: span.from + by, to: span.to + by });
    } else if (wish.kind === 'search') {
      search.field.select();
      search.field.focus();
    } else step(wish.kind === 'nextMatch' ? 1 : -1);
  }

  function showAxis(): void {
    if (drawing.hasTimeAxis) timeAxis(axis, graph.span);
  }

  function rebuild(): void {
    head.replaceChildren(...(heading ? headOf(model, level) : []));
    controls.replaceChildren(createControls(model, settings, change));
  }

  drawing = model.draw(settings);
  rebuild();
  light();
  zoomTo(undefined, true);

  return {
    update(next) {
      model = modelOf(next);
      rebuild();
      redraw();
    },
    destroy() {
      ends.abort();
      graph.destroy();
      legend.destroy();
      box.remove();
    },
  };
}
