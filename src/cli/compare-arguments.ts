// The arguments of `loopsight compare`, checked and completed.
import { parseArgs } from 'node:util';
import type { CompareOptions } from '../compare/options.js';
import { prometheusUrl } from '../compare/prometheus/base-url.js';
import type { CollectRequest } from '../compare/prometheus/comparison.js';
import type { ScrapesRequest } from '../compare/scrapes/comparison.js';
import { UsageError } from './command.js';
import { readDistinction } from './compare-distinction.js';
import { asUsage, readDuration, readMatch, readRatio, refuse } from './option-readers.js';

/** Where the metrics are. */
export type CompareSource =
  | { readonly kind: 'scrapes'; readonly request: ScrapesRequest }
  | {
      readonly kind: 'prometheus';
      readonly url: URL;
      readonly timeoutMs: number;
      /** What to collect, as of `nowS`. */
      readonly requestAt: (nowS: number) => CollectRequest;
    };

/** What was asked for. */
export interface CompareArguments {
  readonly source: CompareSource;
  readonly output: 'text' | 'json' | 'markdown';
  readonly options: CompareOptions;
  /** Undefined where one look is enough. */
  readonly watch: { readonly deadlineS: number; readonly everyS: number } | undefined;
}

const HOUR_S = 3600;
const DAY_S = 86_400;
const YEAR_S = 366 * DAY_S;
const LOOKS = 6;
const LOOKS_LIMIT = 100;

const DEFAULTS = {
  windowS: HOUR_S,
  lookbackS: DAY_S,
  pastS: 7 * DAY_S,
  timeoutS: 60,
  deadlineS: HOUR_S,
  thread: 'main',
} as const;

/** Options that mean nothing where files are read. */
const ASKING = [
  ...(['prometheus', 'job', 'match', 'baseline', 'candidate', 'by', 'before', 'after', 'offset'] as const),
  ...(['window', 'lookback', 'past', 'timeout', 'watch', 'deadline', 'every'] as const),
] as const;

/** Reads the arguments; undefined for `--help`. Throws a UsageError, or what parseArgs of Node throws. */
export function readArguments(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  nowS: number,
): CompareArguments | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      prometheus: { type: 'string' },
      scrapes: { type: 'string' },
      history: { type: 'string' },
      job: { type: 'string' },
      baseline: { type: 'string' },
      candidate: { type: 'string' },
      by: { type: 'string' },
      before: { type: 'string' },
      after: { type: 'string' },
      offset: { type: 'string' },
      match: { type: 'string', multiple: true },
      thread: { type: 'string' },
      window: { type: 'string' },
      lookback: { type: 'string' },
      past: { type: 'string' },
      block: { type: 'string' },
      'warm-up': { type: 'string' },
      'minimum-ratio': { type: 'string' },
      timeout: { type: 'string' },
      watch: { type: 'boolean', default: false },
      deadline: { type: 'string' },
      every: { type: 'string' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.json && values.markdown) throw new UsageError('Expected `--json` or `--markdown`, got both');
  const blockS = readDuration('--block', values.block, 1, HOUR_S);
  if (blockS !== undefined && !Number.isInteger(blockS)) {
    throw new UsageError(`Expected \`--block\` to be whole seconds, got "${values.block}"`);
  }
  const warmUpS = readDuration('--warm-up', values['warm-up'], 0, DAY_S);
  const minimumRatio = readRatio('--minimum-ratio', values['minimum-ratio']);
  const common = {
    output: values.json ? ('json' as const) : values.markdown ? ('markdown' as const) : ('text' as const),
    options: {
      ...(warmUpS === undefined ? {} : { warmUpS }),
      ...(minimumRatio === undefined ? {} : { minimumRatio }),
      ...(blockS === undefined ? {} : { minimumBlockS: blockS, maximumBlockS: blockS * 5 }),
    },
  };
  const thread = values.thread ?? DEFAULTS.thread;
  if (values.scrapes !== undefined) {
    const others = ASKING.filter((name) => values[name] !== undefined && values[name] !== false);
    refuse('--scrapes', others);
    const [candidate] = positionals;
    if (candidate === undefined || positionals.length !== 1) {
      throw new UsageError('Expected `--scrapes` to have two folders, as in --scrapes before/ after/');
    }
    const request = { baseline: values.scrapes, candidate, history: values.history, thread };
    return { ...common, source: { kind: 'scrapes', request }, watch: undefined };
  }
  if (values.history !== undefined) {
    throw new UsageError('`--history` needs `--scrapes`; with `--prometheus` it is `--past`');
  }
  const windowS = readDuration('--window', values.window, 1, 31 * DAY_S) ?? DEFAULTS.windowS;
  const lookbackS = readDuration('--lookback', values.lookback, 10, YEAR_S) ?? DEFAULTS.lookbackS;
  const pastS = readDuration('--past', values.past, 0, YEAR_S) ?? DEFAULTS.pastS;
  const timeoutS = readDuration('--timeout', values.timeout, 0.1, HOUR_S) ?? DEFAULTS.timeoutS;
  const match = (values.match ?? []).map(readMatch);
  const distinctionAt = readDistinction(values, positionals, windowS, nowS);
  if (values.by === 'job' && values.job !== undefined) refuse('--by job', ['job']);
  const { job } = values;
  const given = values.prometheus ?? environment.LOOPSIGHT_PROMETHEUS_URL ?? '';
  if (given.trim() === '') {
    throw new UsageError(
      'Expected `--prometheus` (or LOOPSIGHT_PROMETHEUS_URL) to name a Prometheus, or `--scrapes` two folders',
    );
  }
  const constant = { job, match, thread, windowS, lookbackS: Math.max(lookbackS, windowS), pastS, blockS };
  return {
    ...common,
    source: {
      kind: 'prometheus',
      url: asUsage(() => prometheusUrl(given)),
      timeoutMs: timeoutS * 1000,
      requestAt: (atS) => ({ ...constant, distinction: distinctionAt(atS), nowS: atS }),
    },
    watch: readWatch(values),
  };
}

function readWatch(values: {
  readonly watch: boolean;
  readonly deadline?: string | undefined;
  readonly every?: string | undefined;
}) {
  if (!values.watch) {
    const names = (['deadline', 'every'] as const).filter((name) => values[name] !== undefined);
    if (names.length > 0) throw new UsageError(`\`--${names[0]}\` needs \`--watch\``);
    return undefined;
  }
  const deadlineS = readDuration('--deadline', values.deadline, 1, 7 * DAY_S) ?? DEFAULTS.deadlineS;
  const everyS = readDuration('--every', values.every, 0.5, deadlineS) ?? deadlineS / LOOKS;
  if (deadlineS / everyS > LOOKS_LIMIT) {
    throw new UsageError(
      `Expected \`--every\` to give at most ${LOOKS_LIMIT} looks until the deadline, got "${values.every}"`,
    );
  }
  return { deadlineS, everyS };
}
