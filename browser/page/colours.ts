// The colours of the style sheet, for what is drawn and not styled.

export interface Colours {
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly first: string;
  readonly firstFill: string;
  readonly second: string;
  readonly stall: string;
  readonly a: string;
  readonly b: string;
}

/** The colours in force: another set in the dark. */
export function currentColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('text'),
    quiet: of('quiet'),
    grid: of('grid'),
    first: of('first'),
    firstFill: of('first-fill'),
    second: of('second'),
    stall: of('stall'),
    a: of('range-a'),
    b: of('range-b'),
  };
}
