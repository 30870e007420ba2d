// The parts of the flame graph that stand in the page from the beginning, from top to bottom.
import { element } from './dom.js';
import { KEYS } from './keys.js';

export interface Parts {
  readonly box: HTMLElement;
  readonly head: HTMLElement;
  readonly controls: HTMLElement;
  /** The way to what is zoomed to. */
  readonly way: HTMLElement;
  readonly axis: HTMLElement;
  /** What is said in the place of the graph where there is nothing to draw. */
  readonly empty: HTMLElement;
  readonly details: HTMLElement;
}

/** The parts, with those of others in their places. */
export function createParts(search: HTMLElement, legend: HTMLElement, graph: HTMLElement, table: HTMLElement): Parts {
  const head = element('header', { class: 'flame-head' });
  const controls = element('div');
  const way = element('ol');
  const axis = element('div', { class: 'flame-axis', 'aria-hidden': 'true' });
  const details = element('div', { class: 'flame-details' });
  const empty = element(
    'p',
    { class: 'flame-empty', hidden: true },
    'There is nothing to show: all of the time was idle, or left out.',
  );
  const keys = element(
    'details',
    { class: 'flame-keys' },
    element('summary', {}, 'Keys'),
    element('dl', {}, ...KEYS.flatMap(([key, what]) => [element('dt', {}, key), element('dd', {}, what)])),
  );
  const box = element(
    'div',
    { class: 'flame' },
    head,
    element('div', { class: 'flame-bar' }, controls, search),
    legend,
    element('nav', { class: 'flame-way', 'aria-label': 'Callers of what is shown' }, way),
    axis,
    graph,
    empty,
    details,
    keys,
    table,
  );
  return { box, head, controls, way, axis, empty, details };
}
