// The hottest functions as a table: what the graph shows, for whoever cannot see it, and for whoever wants figures.

import { ownerOf, placeOf } from './codes.js';
import { button, element } from './dom.js';
import type { Drawing, HotRow } from './drawing.js';
import type { Found } from './search.js';

const FIRST_ROWS = 30;
const MORE = 10;

export interface HotTable {
  readonly box: HTMLElement;
  show(drawing: Drawing, found: Found | undefined): void;
}

/** An empty table; calls `pick` with the code of a function that was pressed. */
export function createHotTable(pick: (code: number) => void): HotTable {
  const table = element('table');
  const more = button('Show more', () => {
    limit *= MORE;
    render();
  });
  const box = element('section', { class: 'flame-hot' }, table, more);
  let by = 0;
  let isUp = false;
  let limit = FIRST_ROWS;
  let shown: { readonly drawing: Drawing; readonly found: Found | undefined } | undefined;

  function render(): void {
    if (shown === undefined) return;
    const { drawing, found } = shown;
    const rows = drawing.hot
      .filter(({ code }) => found === undefined || found.codes[code] === 1)
      .sort((one, other) => compare(one, other) * (isUp ? -1 : 1));
    table.replaceChildren(
      element('caption', {}, 'Hottest functions'),
      element('thead', {}, headings(drawing)),
      element('tbody', {}, ...rows.slice(0, limit).map((row) => line(drawing, row))),
    );
    more.hidden = rows.length <= limit;
  }

  // Changes are sorted by how large they are, whichever way; the names of both directions are the same.
  const compare = (one: HotRow, other: HotRow) => (other.figures[by] ?? 0) - (one.figures[by] ?? 0);

  function headings({ columns }: Drawing): HTMLElement {
    const cells = columns.map(({ title }, place) => {
      const press = button(title, () => {
        isUp = by === place && !isUp;
        by = place;
        render();
        table.querySelectorAll<HTMLButtonElement>('thead button')[place]?.focus();
      });
      const sort = place === by ? (isUp ? 'ascending' : 'descending') : undefined;
      return element('th', { scope: 'col', 'aria-sort': sort }, press);
    });
    const texts = ['Function', 'Where'].map((title) => element('th', { scope: 'col' }, title));
    return element('tr', {}, ...texts, ...cells);
  }

  function line({ codes, columns }: Drawing, { code, figures }: HotRow): HTMLElement {
    const it = codes[code];
    if (it === undefined) return element('tr');
    const name = button(it.name, () => pick(code), { title: 'Search for it in the graph' });
    const place = placeOf(it);
    const cells = columns.map(({ text }, column) => element('td', {}, text(figures[column] ?? 0)));
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', { class: 'flame-place', title: ownerOf(it) }, place),
      ...cells,
    );
  }

  return {
    box,
    show(drawing, found) {
      if (shown?.drawing.columns.length !== drawing.columns.length) by = 0;
      shown = { drawing, found };
      render();
    },
  };
}
