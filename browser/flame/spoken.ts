// The selected frame for assistive technology: an item of a tree of which only this one is in the page.

import { element } from './dom.js';
import type { Drawing } from './drawing.js';
import { neighbour } from './navigate.js';
import { at } from './tree.js';

let count = 0;

/** Two items by turns: what becomes active anew is read. */
export function createSpoken(box: HTMLElement): (drawing: Drawing, frame: number) => void {
  const items = [0, 1].map(() => element('div', { id: `flame-item-${++count}`, class: 'flame-unseen' }));
  box.append(...items);
  let turn = 0;
  return ({ tree, describe }, frame) => {
    turn = 1 - turn;
    const item = items[turn];
    if (item === undefined) return;
    const { name, place, figures } = describe(frame);
    const texts = [name, place, ...figures.map(([label, text]) => `${label} ${text}`)];
    for (const other of items) other.removeAttribute('role');
    item.setAttribute('role', 'treeitem');
    item.setAttribute('aria-level', String(at(tree.depth, frame) + 1));
    item.setAttribute('aria-selected', 'true');
    if (neighbour(tree, frame, 'child') !== frame) item.setAttribute('aria-expanded', 'true');
    else item.removeAttribute('aria-expanded');
    item.textContent = texts.join(', ');
    box.setAttribute('aria-activedescendant', item.id);
  };
}
