// The first thing that the page says: is the loop healthy, and who blocks it.
import { ATTRIBUTES } from '../metric-names.js';
import { prometheusLabel } from '../prometheus/naming.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { describePlace, formatMs, REASONS, stallSentence } from '../stalls/tell/stall-sentence.js';
import type { Figures } from '../status/figures.js';
import { problemsIn } from '../status/find-problems.js';
import { type Problem, selectWorst } from '../status/problem.js';
import { describeHealth } from '../status/summary.js';
import { percent, printable } from '../status/wording.js';
import type { PageBlocker, PageVerdict } from './state.js';

/** What the rules about the loop, and about who holds it, mean in a few words; the first of them that is broken is told. */
const HEADLINES: Readonly<Record<string, (code: string) => string>> = {
  'loop-blocked': () => 'The event loop is blocked.',
  // Who it was says more than what came of it.
  stall: (code) => `${code} blocked the event loop.`,
  'blocking-calls': (code) => `${code} blocked the event loop.`,
  'blocking-log': () => 'Writing the log blocked the event loop.',
  'loop-lag': () => 'Callbacks wait for the event loop.',
  'loop-spinning': () => 'The event loop spins.',
  'loop-utilization': () => 'The event loop has no time to spare.',
  'garbage-collection': () => 'Garbage collection holds the event loop.',
  'cpu-wait': () => 'The process waits for a processor.',
};
/** What holds a loop that no code holds. */
const HELD: Readonly<Partial<Record<StallReport['cause'], string>>> = {
  gc: 'Garbage collection holds the event loop',
  descheduled: 'The process does not get the CPU',
};
/** So many sentences, as `loopsight status` says. */
const SENTENCES = 3;
/** From this share of the last minute on it is told who held the loop. */
const WORTH_TELLING = 0.005;

export interface VerdictOptions {
  readonly figures: Figures;
  /** A stall of the main thread that lasts. */
  readonly ongoing: StallReport | undefined;
  /** Who held loops in the last minute, and in the whole history. */
  readonly lately: readonly PageBlocker[];
  readonly all: readonly PageBlocker[];
}

/** Judges. */
export function verdictOf(options: VerdictOptions): PageVerdict {
  const { figures, ongoing } = options;
  const { problems, health } = judge(figures);
  const shown = selectWorst(problems, SENTENCES).map(({ severity, rule, sentence }) => ({ severity, rule, sentence }));
  const [worst] = problems;
  const detail = whoBlocks(options);
  if (ongoing !== undefined) {
    const { culprit, cause, durationMs } = ongoing;
    const what =
      culprit === undefined
        ? (HELD[cause] ?? 'The event loop is blocked')
        : `${culprit.function} blocks the event loop`;
    return {
      level: 'critical',
      headline: `${what}, for ${formatMs(durationMs)} now.`,
      detail: `The ${stallSentence(ongoing)}.`,
      problems: shown.filter(({ rule }) => rule !== 'loop-blocked'),
    };
  }
  if (worst === undefined && health === undefined) {
    return { level: 'unknown', headline: 'Nothing has been measured yet.', detail: '', problems: [] };
  }
  const ofLoop = Object.keys(HEADLINES)
    .map((rule) =>
      problems.find((one) => one.rule === rule && one.severity !== 'notice' && headlineOf(one) !== undefined),
    )
    .find((one) => one !== undefined);
  if (ofLoop !== undefined) {
    return {
      level: worst?.severity ?? 'fine',
      headline: headlineOf(ofLoop) ?? '',
      detail: withoutFigures(ofLoop),
      problems: shown.filter(({ sentence }) => sentence !== ofLoop.sentence),
    };
  }
  const facts = health === undefined ? '' : `${capital(health.replace(/^nothing wrong: /, ''))} `;
  const isElse = worst !== undefined && worst.severity !== 'notice';
  return {
    level: worst?.severity ?? 'fine',
    headline: `The event loop is healthy${isElse ? ', something else is not' : ''}.`,
    detail: `${facts}${detail}`.trim(),
    problems: shown,
  };
}

interface Judgement {
  readonly problems: readonly Problem[];
  readonly health: string | undefined;
}

const judged = new WeakMap<Figures, Judgement>();

// Many ask for the same figures, and thousands of series take a while.
function judge(figures: Figures): Judgement {
  const known = judged.get(figures) ?? {
    problems: problemsIn([{ process: undefined, figures }]),
    health: describeHealth(figures),
  };
  judged.set(figures, known);
  return known;
}

// Worker threads are there to compute: what is wrong with their loops is not wrong with the process's.
function headlineOf({ rule, labels }: Problem): string | undefined {
  const thread = labels[prometheusLabel(ATTRIBUTES.threadName)] ?? 'main';
  const code = labels[prometheusLabel(ATTRIBUTES.codeFunctionName)] ?? '';
  if (thread !== 'main' || !Object.hasOwn(HEADLINES, rule)) return undefined;
  return HEADLINES[rule]?.(code === '' ? 'Something' : printable(code));
}

function whoBlocks({ lately, all }: VerdictOptions): string {
  const [now] = lately.filter(({ thread }) => thread === 'main');
  if (now !== undefined && now.totalMs / 60_000 >= WORTH_TELLING) {
    const share = percent(Math.min(1, now.totalMs / 60_000));
    return `In the last minute ${whoIs(now)} held the loop for ${share} of the time${longest(now)}.`;
  }
  const [worst] = all.filter(({ thread }) => thread === 'main');
  if (worst === undefined) return 'Nobody has blocked it.';
  return `Of the last 15 minutes ${whoIs(worst)} held the loop for ${formatMs(worst.totalMs)}${longest(worst)}.`;
}

function whoIs({ function: name, file, line, cause }: PageBlocker): string {
  return name === '' ? `something (${REASONS[cause]})` : describePlace({ function: name, file, line, column: 0 });
}

function longest({ stalls, longestMs }: PageBlocker): string {
  return stalls === 1 ? ', at once' : `, in ${stalls} stalls of up to ${formatMs(longestMs)}`;
}

/** The sentence without the metric and its bound, which stand in parentheses at its end. */
export function withoutFigures({ sentence }: Pick<Problem, 'sentence'>): string {
  return sentence.replace(/ \([^()]*(?:\([^()]*\)[^()]*)*, bound [^()]*\)\.$/, '.');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
