// What docs/tour.md says, as far as a test can hold it to its word: commands, and claims about figures.

/** One row of a table of claims. */
export interface Claim {
  /** As `readFigure` takes it. */
  readonly figure: string;
  readonly comparison: '≥' | '≤';
  /** The bound, or what the same figure of a run without faults is multiplied by to get it. */
  readonly bound: number;
  readonly relative: boolean;
}

/** A command that looks into the process, and what it must say. */
export interface Step {
  readonly command: string;
  readonly says: string;
}

export interface TourSection {
  readonly title: string;
  /** The fault that the section is about, where it is about one. */
  readonly fault: string | undefined;
  /** One line each. */
  readonly commands: readonly string[];
  readonly claims: readonly Claim[];
  /** The problems that `loopsight status` tells, as `metric{labels}`. */
  readonly named: readonly string[];
  readonly steps: readonly Step[];
}

/** The sections with commands; throws an Error that quotes a row that is none of the table's forms. */
export function parseTour(page: string): TourSection[] {
  return page
    .split(/^## /m)
    .slice(1)
    .filter((section) => section.includes('```sh'))
    .map((section) => {
      const rows = [...section.matchAll(/^\| (?!figure |command |--- )(.+?) \| (.+?) \|/gm)].map(
        ([, figure = '', claim = '']) => [figure.replaceAll('`', ''), claim] as const,
      );
      const isFigure = ([figure]: readonly [string, string]) => figure !== STATUS && !figure.startsWith('npx ');
      return {
        title: section.split('\n')[0] ?? '',
        fault: /^`([a-z-]+)`/.exec(section)?.[1],
        commands: parseCommands(section),
        claims: rows.filter(isFigure).map(([figure, claim]) => parseClaim(figure, claim)),
        named: rows.filter(([figure]) => figure === STATUS).map(([, claim]) => parseNamed(claim)),
        steps: rows
          .filter(([figure]) => figure.startsWith('npx '))
          .map(([command, claim]) => parseStep(command, claim)),
      };
    });
}

/** Every line of the page's shell blocks, comments left out. */
export function parseCommands(page: string): string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/ +#.*$/, '').trim())
    .filter((line) => line !== '');
}

const STATUS = 'loopsight status';

function parseClaim(figure: string, claim: string): Claim {
  const [, comparison, bound, relative] = /^([≥≤]) ([\d.]+)( × none)?$/.exec(claim) ?? [];
  if ((comparison !== '≥' && comparison !== '≤') || bound === undefined) {
    throw new Error(`Expected the claim about ${figure} to be as "≥ 0.5" or "≤ 2 × none", got "${claim}"`);
  }
  return { figure, comparison, bound: Number(bound), relative: relative !== undefined };
}

function parseNamed(claim: string): string {
  const metric = /^names `(\w+\{.*\})`$/.exec(claim)?.[1];
  if (metric === undefined)
    throw new Error(`Expected what status says to be as "names \`metric{label="value"}\`", got "${claim}"`);
  return metric;
}

function parseStep(command: string, claim: string): Step {
  const says = /^says `(.+)`$/.exec(claim)?.[1];
  if (says === undefined) throw new Error(`Expected what ${command} says to be as "says \`text\`", got "${claim}"`);
  return { command, says };
}
