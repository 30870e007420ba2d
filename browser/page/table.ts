// A table whose rows are told apart by a key: a cell changes only where its content does.
import { element, setText } from './dom.js';

export interface Column<Row> {
  readonly title: string;
  /** Its text, or a part of the page that is made anew when `text` is another one. */
  readonly text: (row: Row) => string;
  readonly draw?: (row: Row) => Node;
  /** Figures stand at the right. */
  readonly isFigure?: boolean;
  /** Left out where the window is narrow. */
  readonly isWide?: boolean;
  /** What the title means. */
  readonly hint?: string;
}

export interface TableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** What is said where there are no rows. */
  readonly empty: string;
  /** How bad a row is, as an attribute for its looks. */
  readonly levelOf?: (row: Row) => string;
}

export interface Table<Row> {
  readonly element: HTMLElement;
  update(rows: readonly Row[]): void;
}

/** Makes a table without rows. */
export function createTable<Row>(options: TableOptions<Row>): Table<Row> {
  const { caption, columns, keyOf, empty, levelOf } = options;
  const body = element('tbody');
  const looks = ({ isFigure, isWide }: Column<Row>) =>
    [isFigure === true ? 'figure' : '', isWide === true ? 'wide' : ''].filter((one) => one !== '').join(' ') ||
    undefined;
  const head = element(
    'tr',
    {},
    ...columns.map((column) => element('th', { scope: 'col', class: looks(column), title: column.hint }, column.title)),
  );
  const table = element(
    'table',
    {},
    element('caption', { class: 'unseen' }, caption),
    element('thead', {}, head),
    body,
  );
  const nothing = element('p', { class: 'quiet empty' }, empty);
  const scroller = element('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': caption }, table);
  const shown = new Map<string, { row: HTMLTableRowElement; cells: HTMLTableCellElement[]; texts: string[] }>();
  scroller.hidden = true;

  function make(key: string) {
    const cells = columns.map((column, index) =>
      index === 0 ? element('th', { scope: 'row', class: looks(column) }) : element('td', { class: looks(column) }),
    );
    const made = { row: element('tr', {}, ...cells), cells, texts: columns.map(() => '\0') };
    shown.set(key, made);
    return made;
  }

  return {
    element: element('div', { class: 'table' }, scroller, nothing),
    update(rows) {
      scroller.hidden = rows.length === 0;
      nothing.hidden = rows.length > 0;
      const keys = new Set(rows.map(keyOf));
      for (const [key, { row }] of shown) {
        if (keys.has(key)) continue;
        row.remove();
        shown.delete(key);
      }
      rows.forEach((data, index) => {
        const key = keyOf(data);
        const { row, cells, texts } = shown.get(key) ?? make(key);
        columns.forEach((column, place) => {
          const text = column.text(data);
          const cell = cells[place];
          if (cell === undefined || texts[place] === text) return;
          texts[place] = text;
          if (column.draw === undefined) setText(cell, text);
          else cell.replaceChildren(column.draw(data));
        });
        const level = levelOf?.(data) ?? '';
        if (row.dataset.level !== level) row.dataset.level = level;
        if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
      });
    },
  };
}
