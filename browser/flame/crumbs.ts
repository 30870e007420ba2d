// The way to the frame that is zoomed to.
import { button, element } from './dom.js';

const LONGEST = 9;

/** A step of the way. */
export interface Crumb {
  readonly name: string;
  press(): void;
}

/** Shows the way into `box`; of a long one both ends. */
export function showCrumbs(box: HTMLElement, way: readonly Crumb[]): void {
  const half = Math.floor(LONGEST / 2);
  const isLong = way.length > LONGEST;
  const steps = way.map(({ name, press }, place) => {
    const isLast = place === way.length - 1;
    return element('li', {}, button(name, press, { 'aria-current': isLast ? 'true' : undefined, title: name }));
  });
  const left = element('li', { class: 'flame-quiet' }, `${way.length - 2 * half} more`);
  box.replaceChildren(...(isLong ? [...steps.slice(0, half), left, ...steps.slice(-half)] : steps));
}
