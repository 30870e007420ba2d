// What the keys do while the graph has the focus.
import type { Direction } from './navigate.js';

/** What a key asks for. */
export type Wish =
  | { readonly kind: 'walk'; readonly to: Direction }
  | { readonly kind: 'zoom' | 'out' | 'all' | 'search' | 'nextMatch' | 'previousMatch' }
  | { readonly kind: 'scale'; readonly factor: number }
  | { readonly kind: 'pan'; readonly by: number };

/** The keys, for whoever asks which there are. */
export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Arrows', 'walk from frame to frame'],
  ['Enter', 'zoom to the selected frame'],
  ['Backspace', 'zoom out to its caller'],
  ['Escape, 0', 'show everything'],
  ['+ and −', 'zoom nearer and farther'],
  ['a and d', 'move left and right'],
  ['/', 'search'],
  ['n and N', 'next and previous match'],
  ['Ctrl and wheel', 'zoom where the mouse is'],
  ['Drag', 'move'],
];

const WISHES: Readonly<Record<string, Wish>> = {
  ArrowLeft: { kind: 'walk', to: 'previous' },
  ArrowRight: { kind: 'walk', to: 'next' },
  Enter: { kind: 'zoom' },
  ' ': { kind: 'zoom' },
  Backspace: { kind: 'out' },
  Escape: { kind: 'all' },
  Home: { kind: 'all' },
  '0': { kind: 'all' },
  '+': { kind: 'scale', factor: 0.7 },
  '=': { kind: 'scale', factor: 0.7 },
  '-': { kind: 'scale', factor: 1 / 0.7 },
  a: { kind: 'pan', by: -0.2 },
  d: { kind: 'pan', by: 0.2 },
  '/': { kind: 'search' },
  n: { kind: 'nextMatch' },
  N: { kind: 'previousMatch' },
};

/** Follows the keys that are pressed in `box`. */
export function listen(box: HTMLElement, isFlame: () => boolean, follow: (wish: Wish) => void): void {
  box.addEventListener('keydown', (event) => {
    const wish = wishOf(event, isFlame());
    if (wish === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    follow(wish);
  });
}

/** Goes to the field for searching when that is asked for anywhere in `place`. */
export function listenForSearch(place: EventTarget, field: HTMLInputElement, signal: AbortSignal): void {
  const find = (event: Event) => {
    if (!(event instanceof KeyboardEvent)) return;
    const isTyping = event.target === field;
    const isFind = event.key === 'f' && (event.ctrlKey || event.metaKey);
    // The browser finds nothing in a picture; asked twice, it may look itself.
    if (isTyping || !(isFind || event.key === '/')) return;
    event.preventDefault();
    field.select();
    field.focus();
  };
  place.addEventListener('keydown', find, { signal });
}

/** The wish behind a key; up and down lead where they point to. Undefined for keys that are the browser's. */
function wishOf(event: KeyboardEvent, isFlame: boolean): Wish | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.key === 'ArrowUp') return { kind: 'walk', to: isFlame ? 'child' : 'parent' };
  if (event.key === 'ArrowDown') return { kind: 'walk', to: isFlame ? 'parent' : 'child' };
  return WISHES[event.key];
}
