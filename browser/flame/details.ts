// What is known of the selected frame, and what can be done with it.
import { button, element } from './dom.js';
import type { Drawing } from './drawing.js';
import { describe } from './tooltip.js';
import { at } from './tree.js';

export interface DetailsActions {
  zoom(frame: number): void;
  /** Searches for the function everywhere. */
  search(code: number): void;
  /** Shows one function alone; undefined where that cannot be had. */
  readonly only: ((code: number, view: 'calls' | 'callers') => void) | undefined;
}

/** Fills `box` with what there is to say of `frame`. */
export function showDetails(
  box: HTMLElement,
  drawing: Drawing,
  frame: number | undefined,
  { zoom, search, only }: DetailsActions,
): void {
  if (frame === undefined) {
    box.replaceChildren(element('p', { class: 'flame-quiet' }, 'Press a frame to zoom to it; its figures stand here.'));
    return;
  }
  const code = at(drawing.tree.code, frame);
  box.replaceChildren(...describe(drawing.describe(frame)));
  if (drawing.codes[code]?.origin === 'thread') return;
  const actions = [button('Zoom to it', () => zoom(frame)), button('Show all of it', () => search(code))];
  if (only !== undefined) {
    actions.push(button('Who calls it', () => only(code, 'callers')));
    actions.push(button('What it calls', () => only(code, 'calls')));
  }
  box.append(element('div', { class: 'flame-actions' }, ...actions));
}
