// The field for searching, and what it found.
import { button, element } from './dom.js';

export interface SearchBox {
  readonly box: HTMLElement;
  readonly field: HTMLInputElement;
  /** Says what was found. */
  tell(text: string): void;
}

/** Calls `search` with each text, and `step` to go to the next match (1) or back (−1). */
export function createSearchBox(query: string, search: (query: string) => void, step: (by: 1 | -1) => void): SearchBox {
  const field = element('input', {
    type: 'search',
    placeholder: 'Search: function, file, package, /expression/',
    'aria-label': 'Search functions, files and packages',
    autocomplete: 'off',
    spellcheck: 'false',
    value: query,
  });
  const found = element('output', { role: 'status', class: 'flame-found' });
  field.addEventListener('input', () => search(field.value));
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      field.value = '';
      search('');
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const box = element(
    'div',
    { class: 'flame-search', role: 'search' },
    field,
    button('‹', () => step(-1), { 'aria-label': 'Previous match' }),
    button('›', () => step(1), { 'aria-label': 'Next match' }),
    found,
  );
  return {
    box,
    field,
    tell(text) {
      found.textContent = text;
    },
  };
}
