// Text on a terminal: how wide it is, cut to a width, with colours or without.

/** How a piece of text looks. */
export type Style = 'plain' | 'strong' | 'faint' | 'title' | 'good' | 'warn' | 'bad';

/** A piece of a line. */
export type Piece = readonly [text: string, style: Style];

// SGR numbers, on and off. Not `styleText` of Node: some lines of it ask standard output again, others do not.
const CODES: Readonly<Record<Style, readonly [on: number, off: number] | undefined>> = {
  plain: undefined,
  strong: [1, 22],
  faint: [2, 22],
  title: [7, 27],
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
};

const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
const DOUBLE_WIDTH =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Columns of a terminal that `text` takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** `text` in exactly `width` columns: cut at its end, or filled with spaces. */
export function fitted(text: string, width: number): string {
  const cut = cutEnd(text, width);
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)));
}

/** `text` in at most `width` columns; what is too long ends in `…`. */
export function cutEnd(text: string, width: number): string {
  return widthOf(text) <= width ? text : width <= 0 ? '' : `${startOf(text, width - 1)}…`;
}

/** The same for paths, whose end says more than their start. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  const characters = [...text];
  let from = characters.length;
  let room = width - 1;
  while (from > 0) {
    room -= widthOfCharacter(characters[from - 1] ?? '');
    if (room < 0) break;
    from--;
  }
  return `…${characters.slice(from).join('')}`;
}

/** A line of at most `columns` columns; without `colour` it is the bare text. */
export function renderLine(pieces: readonly Piece[], columns: number, colour: boolean): string {
  let room = columns;
  let line = '';
  for (const [text, style] of pieces) {
    const cut = startOf(text, room);
    room -= widthOf(cut);
    const codes = CODES[style];
    line += colour && codes !== undefined && cut !== '' ? `\u001b[${codes[0]}m${cut}\u001b[${codes[1]}m` : cut;
  }
  return colour ? line : line.trimEnd();
}

function startOf(text: string, width: number): string {
  let room = width;
  let start = '';
  for (const character of text) {
    room -= widthOfCharacter(character);
    if (room < 0) break;
    start += character;
  }
  return start;
}

function widthOfCharacter(character: string): number {
  if (character < '\u0300') return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}
