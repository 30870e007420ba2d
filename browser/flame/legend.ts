// What the colours mean. Pressing an entry leaves only its frames in colour.
import { button, element } from './dom.js';
import type { LegendItem } from './drawing.js';

const FIRST = 12;

export interface Legend {
  readonly box: HTMLElement;
  show(items: readonly LegendItem[], chosen: string | undefined): void;
  destroy(): void;
}

/** An empty legend; calls `choose` with the name of the entry that was pressed. */
export function createLegend(choose: (name: string) => void): Legend {
  const box = element('ul', { class: 'flame-legend', 'aria-label': 'Colours' });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let redraw = () => {};
  const follow = () => redraw();
  dark.addEventListener('change', follow);
  return {
    box,
    destroy: () => dark.removeEventListener('change', follow),
    show(items, chosen) {
      redraw = () => {
        const isDark = dark.matches;
        const shown = items.filter(({ name }, place) => place < FIRST || name === chosen);
        const lines = shown.map((item) => {
          const patch = element('span', { class: item.isStriped ? 'flame-patch flame-striped' : 'flame-patch' });
          patch.style.backgroundColor = item.colour(isDark);
          const parts = [patch, item.name, element('span', { class: 'flame-quiet' }, item.text)];
          if (item.has === undefined) return element('li', {}, element('span', {}, ...parts));
          const press = button('', () => choose(item.name), { 'aria-pressed': String(item.name === chosen) });
          press.append(...parts);
          return element('li', {}, press);
        });
        const rest = items.length - shown.length;
        if (rest > 0) lines.push(element('li', { class: 'flame-quiet' }, `and ${rest} more`));
        box.replaceChildren(...lines);
      };
      redraw();
    },
  };
}
