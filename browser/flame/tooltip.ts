// What is said of the frame under the mouse; and of the one that is selected, below the graph.

import { element } from './dom.js';
import type { Description } from './drawing.js';

const DISTANCE = 14;

/** A box that follows the mouse. It says nothing that is not said of the selected frame as well. */
export function createTooltip(): {
  readonly box: HTMLElement;
  show(description: Description, x: number, y: number): void;
  hide(): void;
} {
  const box = element('div', { class: 'flame-tooltip', 'aria-hidden': 'true', hidden: true });
  let shown: Description | undefined;
  return {
    box,
    show(description, x, y) {
      if (shown?.name !== description.name || shown.figures.join() !== description.figures.join()) {
        box.replaceChildren(...describe(description));
      }
      shown = description;
      box.hidden = false;
      const { width, height } = box.getBoundingClientRect();
      const isLeft = x + DISTANCE + width > innerWidth;
      const isAbove = y + DISTANCE + height > innerHeight;
      box.style.left = `${Math.max(0, isLeft ? x - DISTANCE - width : x + DISTANCE)}px`;
      box.style.top = `${Math.max(0, isAbove ? y - DISTANCE - height : y + DISTANCE)}px`;
    },
    hide() {
      box.hidden = true;
    },
  };
}

/** A description as elements. */
export function describe({ name, place, owner, figures }: Description): readonly HTMLElement[] {
  const rows = figures.flatMap(([label, text]) => [element('dt', {}, label), element('dd', {}, text)]);
  return [
    element('strong', {}, name),
    element('div', { class: 'flame-place' }, place === owner ? place : `${place} · ${owner}`),
    element('dl', {}, ...rows),
  ];
}
