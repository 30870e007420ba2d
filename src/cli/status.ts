// `loopsight status`: scrapes a process, or a group of them, and says what is wrong.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { shownUrl } from '../http/exchange.js';
import { UnreadableData } from '../http/unreadable.js';
import { METRICS } from '../metric-names.js';
import { type ParsedMetrics, parseText } from '../prometheus/parse.js';
import { problemsIn } from '../status/find-problems.js';
import { createMembers } from '../status/members.js';
import { exposedNames } from '../status/names.js';
import { type Problem, selectWorst } from '../status/problem.js';
import { describeAll } from '../status/summary.js';
import { escapeControls, printable } from '../status/wording.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { authorizationFrom } from './credentials.js';
import { fetchMetrics, metricsUrl } from './fetch-metrics.js';

const DEFAULT_URL = 'http://127.0.0.1:9464/metrics';
const DEFAULT_INTERVAL_S = 2;
const MAXIMUM_INTERVAL_S = 3600;
const SENTENCES = 3;

const HELP = `Usage: loopsight status [url] [options]

Says what is wrong with a service right now, in at most three sentences, the worst first.
The url may be a port, host:port or a URL; without one it is ${DEFAULT_URL}.
Each process of a group is judged alone.

Options:
  --interval <seconds>  time between the two scrapes that are compared; 0 takes one
                        scrape and judges the time since start (default ${DEFAULT_INTERVAL_S})
  --json                everything that was found, as JSON
  -h, --help            this text

Exit code: 0 nothing wrong, 1 something wrong, 2 wrong usage, 3 could not be read.

Examples:
  loopsight status
  loopsight status shop.internal:9464 --interval 10 --json
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      interval: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  if (positionals.length > 1) throw new UsageError(`Expected at most one url, got ${positionals.length}`);
  const url = readUrl(positionals[0] ?? DEFAULT_URL);
  const intervalS = readInterval(values.interval);
  try {
    return await report(url, intervalS, values.json, streams);
  } catch (error) {
    if (!(error instanceof UnreadableData)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

async function report(url: URL, intervalS: number, json: boolean, { out, colour }: CommandStreams): Promise<number> {
  const first = await scrape(url);
  const second = intervalS > 0 ? await delay(intervalS * 1000).then(() => scrape(url)) : undefined;
  const members = createMembers(
    second === undefined
      ? { now: first.metrics }
      : { now: second.metrics, before: first.metrics, elapsedS: (second.atMs - first.atMs) / 1000 },
  );
  const problems = problemsIn(members);
  const health = describeAll(members);
  if (problems.length === 0 && health === undefined) {
    throw new UnreadableData(`${shownUrl(url)} has no metric of Loopsight that could be judged.`);
  }
  const sentences = problems.length === 0 && health !== undefined ? [health] : [];
  const shown = selectWorst(problems, SENTENCES);
  if (json) {
    const summary = problems.length === 0 ? sentences : shown.map((problem) => problem.sentence);
    const result = {
      url: shownUrl(url),
      elapsedS: members.find(({ figures }) => figures.elapsedS !== undefined)?.figures.elapsedS ?? null,
      wrong: problems.length > 0,
      summary,
      problems,
    };
    out(`${escapeControls(JSON.stringify(result, undefined, 2))}\n`);
  } else {
    for (const sentence of sentences) out(`${paint(sentence, COLOURS.fine, colour)}\n`);
    for (const problem of shown) out(`${paint(problem.sentence, COLOURS[problem.severity], colour)}\n`);
  }
  return problems.length === 0 ? EXIT_CODES.ok : EXIT_CODES.wrong;
}

async function scrape(url: URL): Promise<{ metrics: ParsedMetrics; atMs: number }> {
  const text = await fetchMetrics(url, { authorization: readCredentials() });
  const atMs = performance.now();
  let metrics: ParsedMetrics;
  try {
    metrics = parseText(text);
  } catch (error) {
    const message = error instanceof Error ? printable(error.message, 200) : 'it could not be parsed';
    throw new UnreadableData(`${shownUrl(url)} did not answer with metrics: ${message}.`);
  }
  if (!isOurs(metrics)) throw new UnreadableData(`${shownUrl(url)} has metrics, but none of Loopsight.`);
  return { metrics, atMs };
}

// Names of the semantic conventions can come from others, so only those of ours tell that Loopsight runs there.
function isOurs({ families }: ParsedMetrics): boolean {
  const names = Object.values(METRICS)
    .filter(({ name }) => name.startsWith('loopsight.'))
    .flatMap(exposedNames);
  return names.some((name) => families.has(name) || families.has(name.replace(/_total$/, '')));
}

function readUrl(given: string): URL {
  try {
    return metricsUrl(given);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

function readCredentials(): string | undefined {
  try {
    return authorizationFrom(process.env);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

function readInterval(given: string | undefined): number {
  if (given === undefined) return DEFAULT_INTERVAL_S;
  const value = /^\d*\.?\d+$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (!(value >= 0 && value <= MAXIMUM_INTERVAL_S)) {
    throw new UsageError(
      `Expected \`--interval\` to be a number of seconds from 0 to ${MAXIMUM_INTERVAL_S}, got "${printable(given)}"`,
    );
  }
  return value;
}

// SGR colour numbers. Not `styleText` of Node: some lines of it ask standard output again, others do not.
const COLOURS = { critical: 31, warning: 33, notice: 36, fine: 32 } as const satisfies Record<
  Problem['severity'] | 'fine',
  number
>;

function paint(text: string, code: number, colour: boolean): string {
  return colour ? `\u001b[${code}m${text}\u001b[39m` : text;
}
