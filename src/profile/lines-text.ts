// Hot lines as text for a terminal: time, share, count and the line itself.
import { duration, percent } from '../status/wording.js';
import type { HotFile, HotLine } from './lines.js';

const TEXT_LENGTH = 160;
const TAB = '    ';

export interface LinesTextOptions {
  /** Time in which threads were not idle, which shares are of, in microseconds. */
  readonly busyUs: number;
  /** Whether lines were counted. */
  readonly counted: boolean;
}

/** The files as text. What a source says is shown without what steers a terminal. */
export function linesText(files: readonly HotFile[], { busyUs, counted }: LinesTextOptions): string {
  return files.map((file) => fileText(file, busyUs, counted)).join('\n');
}

function fileText({ file, selfUs, lines }: HotFile, busyUs: number, counted: boolean): string {
  const head = `${file}: ${duration(selfUs / 1e6)}, ${percent(share(selfUs, busyUs))} of the time\n`;
  const titles = `${'Time'.padStart(10)}${'Share'.padStart(8)}${counted ? 'Count'.padStart(13) : ''}${'Line'.padStart(7)}\n`;
  let before: number | undefined;
  let text = head + titles;
  for (const line of lines) {
    if (before !== undefined && line.line !== before + 1) text += `${'…'.padStart(counted ? 38 : 25)}\n`;
    text += lineText(line, busyUs, counted);
    before = line.line;
  }
  const unknown = selfUs - lines.reduce((sum, line) => sum + line.selfUs, 0);
  const isMuch = unknown > busyUs * 0.01;
  return isMuch
    ? `${text}${duration(unknown / 1e6).padStart(10)}${cell(unknown, busyUs)}  in lines that are not shown or not known\n`
    : text;
}

function lineText({ line, selfUs, count, text }: HotLine, busyUs: number, counted: boolean): string {
  const time = selfUs === 0 ? '' : duration(selfUs / 1e6);
  const times = counted ? (count === undefined ? '' : count.toLocaleString('en-US')).padStart(13) : '';
  const source = text === undefined ? '' : `  ${visible(text)}`;
  return `${`${time.padStart(10)}${selfUs === 0 ? ' '.repeat(8) : cell(selfUs, busyUs)}${times}${String(line).padStart(7)}${source}`.trimEnd()}\n`;
}

const cell = (us: number, busyUs: number): string => percent(share(us, busyUs)).padStart(8);

const share = (us: number, ofUs: number): number => (ofUs === 0 ? 0 : us / ofUs);

function visible(text: string): string {
  const line = text.replaceAll('\t', TAB).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
  return line.length > TEXT_LENGTH ? `${line.slice(0, TEXT_LENGTH - 1)}…` : line;
}
