// A suggestion in words.
import { shownMoment } from '../compare/times.js';
import { counted, duration, printable } from '../status/wording.js';
import type { CollectedHours } from './collect.js';
import { type Candidate, SMALLEST_BOUND_S, type Suggestion, USUAL_BUDGET } from './suggest.js';

/** Fewer hours do not tell what is usual in a week. */
const WEEK_HOURS = 168;

/** The suggestion first, then what each bound would have been, then how to take it. */
export function renderSuggestion(suggestion: Suggestion, { job, hours }: CollectedHours): string {
  const { objective, candidates, chosen, instead } = suggestion;
  const shownJob = printable(job);
  const rows = candidates.map((candidate) => [
    duration(candidate.boundS),
    share(candidate.good),
    times(candidate.budget),
    times(candidate.worstDay),
    String(candidate.pages),
    candidate === chosen ? '<- suggested' : '',
  ]);
  const head = ['lag up to', 'of the moments', 'budget used', 'in the worst day', 'hours that page', ''];
  return `${[
    headline(),
    '',
    ...table([head, ...rows]),
    '',
    `Of job ${shownJob}, ${counted(suggestion.hours, 'hour')} until ${shownMoment(hours.at(-1)?.endS ?? 0)}, all main threads together.`,
    ...(suggestion.hours < WEEK_HOURS ? ['That is less than a week: ask again when there is more.'] : []),
    ...take(),
  ].join('\n')}\n`;

  function headline(): string {
    if (chosen !== undefined) {
      return `${share(objective)} of the moments of ${shownJob} within ${duration(chosen.boundS)} of lag: ${share(chosen.good)} were, which used ${times(chosen.budget)} of the budget.`;
    }
    const lower =
      instead === undefined
        ? ''
        : ` With --objective ${instead.objective} it would be ${duration(instead.boundS)}, which says more of the service than a bound that it does not keep.`;
    return `No bound from ${duration(SMALLEST_BOUND_S)} on would have held ${share(objective)} of the moments of ${shownJob} and used at most ${times(USUAL_BUDGET)} of the budget.${lower}`;
  }

  function take(): readonly string[] {
    const level = chosen === undefined ? instead : { objective, boundS: chosen.boundS };
    if (level === undefined) return [];
    return [
      'For its rules and alerts:',
      `  loopsight rules export <folder/> --slo-objective ${level.objective} --slo-bound-s ${level.boundS}`,
    ];
  }
}

/** Everything, for programs. */
export function suggestionJson(suggestion: Suggestion, { job, hours }: CollectedHours): unknown {
  const asJson = ({ boundS, good, budget, worstDay, pages }: Candidate) => ({
    boundS,
    good,
    budget,
    worstDay,
    hoursThatPage: pages,
  });
  return {
    job,
    objective: suggestion.objective,
    boundS: suggestion.chosen?.boundS ?? null,
    instead: suggestion.instead ?? null,
    hours: suggestion.hours,
    endS: hours.at(-1)?.endS ?? null,
    bounds: suggestion.candidates.map(asJson),
  };
}

/** `99.97 %`, never rounded up to all. */
function share(value: number): string {
  const percent = value * 100;
  if (percent > 0 && percent < 90) return `${Number(percent.toPrecision(3))} %`;
  const digits = Math.max(1, Math.ceil(-Math.log10(Math.max(100 - percent, 1e-6))) + 1);
  return `${Number((Math.floor(percent * 10 ** digits + 1e-6) / 10 ** digits).toFixed(digits))} %`;
}

function times(budget: number): string {
  const percent = budget * 100;
  return percent < 1000 ? `${Number(percent.toPrecision(2))} %` : `${Math.round(budget)} times`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
