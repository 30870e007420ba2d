// What of a process is shown and how: changed by keys, and by nothing else.

export const MODES = ['function', 'line', 'package', 'thread'] as const;
/** What a row stands for. */
export type Mode = (typeof MODES)[number];

export const SORTS = ['own', 'total', 'own-time', 'total-time', 'name'] as const;
/** What rows are sorted by: shares of the last window, times since the start, or names. */
export type Sort = (typeof SORTS)[number];

/** The state of the screen. */
export interface View {
  readonly mode: Mode;
  readonly sort: Sort;
  /** Rows whose name, place or package has this in it, whatever its case; empty for all. */
  readonly filter: string;
  /** What is typed after `/`; undefined while nothing is. */
  readonly typed: string | undefined;
  /** The only thread that is shown; undefined for all. */
  readonly threadId: number | undefined;
  /** Whether the application's own code comes before all other code. */
  readonly ownFirst: boolean;
  readonly paused: boolean;
  readonly help: boolean;
  /** Rows that are scrolled past. */
  readonly top: number;
}

/** How the screen begins. */
export const FIRST_VIEW: View = {
  mode: 'function',
  sort: 'own',
  filter: '',
  typed: undefined,
  threadId: undefined,
  ownFirst: true,
  paused: false,
  help: false,
  top: 0,
};

/** A key as Node's `readline` names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

/** What a key means beyond the view. */
export type Deed = 'quit' | 'suspend' | 'clear' | 'redraw';

/** What keys are about: the threads that can be chosen, how many rows there are and how many are seen. */
export interface Surroundings {
  readonly threadIds: readonly number[];
  readonly rows: number;
  readonly page: number;
}

/** The view after a key, and what else is to be done. */
export function press(view: View, key: Key, around: Surroundings): { readonly view: View; readonly deed?: Deed } {
  const { name = '', sequence = '', ctrl = false } = key;
  if (ctrl && (name === 'c' || name === 'd' || name === '\\')) return { view, deed: 'quit' };
  if (sequence === '\u001c') return { view, deed: 'quit' };
  if (ctrl && name === 'z') return { view, deed: 'suspend' };
  if (ctrl && name === 'l') return { view, deed: 'redraw' };
  if (view.typed !== undefined) return { view: typeFilter(view, view.typed, key) };
  if (view.help) return sequence === 'q' ? { view, deed: 'quit' } : { view: { ...view, help: false } };
  const scrolled = scroll(view, name, around);
  if (scrolled !== undefined) return { view: scrolled };
  if (name === 'escape') return { view: { ...view, filter: '', threadId: undefined, top: 0 } };
  if (ctrl || key.meta === true) return { view };
  if (sequence === 'q') return { view, deed: 'quit' };
  if (sequence === 'c') return { view, deed: 'clear' };
  return { view: CHANGES[sequence]?.(view, around) ?? view };
}

const CHANGES: Readonly<Record<string, (view: View, around: Surroundings) => View>> = {
  '?': (view) => ({ ...view, help: true }),
  h: (view) => ({ ...view, help: true }),
  f: (view) => ({ ...view, mode: 'function', top: 0 }),
  l: (view) => ({ ...view, mode: 'line', top: 0 }),
  p: (view) => ({ ...view, mode: 'package', top: 0 }),
  t: (view) => ({ ...view, mode: 'thread', top: 0 }),
  s: (view) => ({ ...view, sort: after(SORTS, view.sort), top: 0 }),
  o: (view) => ({ ...view, ownFirst: !view.ownFirst, top: 0 }),
  T: (view, { threadIds }) => ({ ...view, threadId: nextThread(view.threadId, threadIds), top: 0 }),
  '/': (view) => ({ ...view, typed: view.filter }),
  ' ': (view) => ({ ...view, paused: !view.paused }),
  k: (view, around) => scroll(view, 'up', around) ?? view,
  j: (view, around) => scroll(view, 'down', around) ?? view,
};

function typeFilter(view: View, typed: string, { name, sequence = '', ctrl = false }: Key): View {
  if (name === 'escape') return { ...view, typed: undefined };
  if (name === 'return' || name === 'enter') return { ...view, typed: undefined, filter: typed.trim(), top: 0 };
  if (name === 'backspace') return { ...view, typed: [...typed].slice(0, -1).join('') };
  if (ctrl && name === 'u') return { ...view, typed: '' };
  // Keys that are not text come as sequences that begin with a control character.
  return ctrl || /^[\p{Cc}]|^$/u.test(sequence) ? view : { ...view, typed: typed + sequence };
}

function scroll(view: View, name: string, { rows, page }: Surroundings): View | undefined {
  const last = Math.max(0, rows - page);
  const top = Math.min(view.top, last);
  const to = { up: top - 1, down: top + 1, pageup: top - page, pagedown: top + page, home: 0, end: last }[name];
  return to === undefined ? undefined : { ...view, top: Math.min(last, Math.max(0, to)) };
}

function nextThread(threadId: number | undefined, threadIds: readonly number[]): number | undefined {
  const at = threadId === undefined ? -1 : threadIds.indexOf(threadId);
  return threadIds[at + 1];
}

function after<T>(list: readonly T[], value: T): T {
  return list[(list.indexOf(value) + 1) % list.length] ?? value;
}
