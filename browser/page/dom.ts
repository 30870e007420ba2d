// Parts of the page, and changes only where something is another: what did not change keeps focus and selection.

import { element } from '../flame/dom.js';

export { button, choice, element } from '../flame/dom.js';

/** The element of the page with this id. Throws where there is none. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element #${id}`);
  return found;
}

/** Sets text where it is another. */
export function setText(of: Element, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

/** A part of the page with a heading. */
export function section(id: string, title: string, ...inside: readonly (Node | string)[]): HTMLElement {
  const heading = element('h2', { id: `${id}-title` }, title);
  return element('section', { id, class: 'card', 'aria-labelledby': `${id}-title` }, heading, ...inside);
}
