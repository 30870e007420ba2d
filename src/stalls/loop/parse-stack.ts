// Frames of a stack that is text, which is all there is where an application does not let stacks be prepared. Runs within a
// capture: no regular expressions, which would change what `RegExp.$1` of the application is.
import type { RawFrame } from './raw-frame.js';

/** Where the script that the observer has evaluated stands in a stack. */
const EVALUATED = ['at <anonymous>:1:', 'at eval (<anonymous>:1:'];
/** Types of `this` that say nothing about whose function it is. */
const NAMELESS_TYPES = ['Object.', 'Function.', 'Module.'];

/** The frames of a stack as V8 writes it; without those of the capture itself, where they are in it. */
export function parseStack(stack: string): RawFrame[] {
  const lines = stack.split('\n').map((line) => line.trim());
  const evaluated = lines.findIndex((line) => EVALUATED.some((begin) => line.startsWith(begin)));
  return lines
    .slice(evaluated + 1)
    .map(parseLine)
    .filter((frame) => frame !== undefined);
}

// `at async Shop.sell [as run] (/srv/shop.js:3:5)`, or without a name `at /srv/shop.js:3:5`.
function parseLine(line: string): RawFrame | undefined {
  const frame = after('at ', line);
  if (frame === undefined) return undefined;
  const ran = after('async ', frame) ?? frame;
  const open = ran.endsWith(')') ? ran.indexOf(' (') : -1;
  const place = open === -1 ? ran : ran.slice(open + ' ('.length, -1);
  const columnAt = place.lastIndexOf(':');
  const lineAt = place.lastIndexOf(':', columnAt - 1);
  const row = numberIn(place.slice(lineAt + 1, columnAt));
  const column = numberIn(place.slice(columnAt + 1));
  // No place, as the engine's own functions have it: `native`, or `index 0` of Promise.all.
  if (lineAt < 0 || row === undefined || column === undefined) return undefined;
  return [open === -1 ? '' : nameIn(ran.slice(0, open)), place.slice(0, lineAt), row, column, ran !== frame];
}

function nameIn(text: string): string {
  const alias = text.endsWith(']') ? text.indexOf(' [as ') : -1;
  const name = alias === -1 ? text : text.slice(0, alias);
  const type = NAMELESS_TYPES.find((begin) => name.startsWith(begin)) ?? '';
  return name.slice(type.length);
}

function after(begin: string, text: string): string | undefined {
  return text.startsWith(begin) ? text.slice(begin.length) : undefined;
}

function numberIn(text: string): number | undefined {
  const number = Number.parseInt(text, 10);
  return String(number) === text ? number : undefined;
}
