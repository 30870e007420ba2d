// `loopsight slo`: suggests a service level from the last weeks.
import { parseArgs } from 'node:util';
import { prometheusUrl } from '../compare/prometheus/base-url.js';
import { createPrometheusClient } from '../compare/prometheus/client.js';
import { UnreadableData } from '../http/unreadable.js';
import { numberBetween } from '../option-values.js';
import { collectHours } from '../slo/collect.js';
import { renderSuggestion, suggestionJson } from '../slo/render.js';
import { suggest } from '../slo/suggest.js';
import { escapeControls, printable } from '../status/wording.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { authorizationFrom } from './credentials.js';
import { asUsage, readDuration, readMatch } from './option-readers.js';
import { transportFrom } from './transport.js';

const DEFAULT_OBJECTIVE = 0.999;
const DEFAULT_WEEKS = 4;
const DEFAULT_TIMEOUT_S = 60;
const MAXIMUM_TIMEOUT_S = 3600;
const WEEK_S = 604_800;

const objectiveKind = numberBetween(0.5, 0.99999, { integer: false });
const weeksKind = numberBetween(0.15, 52, { integer: false });

const HELP = `Usage: loopsight slo suggest --prometheus <url> [--job <job>] [options]

Suggests the bound of a service level: the smallest lag that so large a share of all moments
stayed within, in the last weeks, that at most half of the budget was used.

Options:
  --prometheus <url>    Prometheus, or what speaks its API; a path prefix is kept
                        (default LOOPSIGHT_PROMETHEUS_URL)
  --job <job>           the job; needed where several have metrics of Loopsight
  --match <label=value> only series with this label; may be repeated
  --objective <share>   share of the moments that are to be good, 0.5 to 0.99999
                        (default ${DEFAULT_OBJECTIVE})
  --weeks <n>           how far back to look, 0.15 (a day) to 52 (default ${DEFAULT_WEEKS})
  --timeout <duration>  for all queries (default ${DEFAULT_TIMEOUT_S}s)
  --json                everything, for programs
  -h, --help            this text

Credentials: LOOPSIGHT_PROMETHEUS_TOKEN_FILE, or LOOPSIGHT_PROMETHEUS_USERNAME and
LOOPSIGHT_PROMETHEUS_PASSWORD_FILE.

Exit code: 0 there is a bound, 1 there is none, 2 wrong usage, 3 could not be told
(unreachable, no data).

Examples:
  loopsight slo suggest --prometheus http://prometheus:9090 --job checkout
  loopsight slo suggest --prometheus http://prometheus:9090 --job checkout --objective 0.99
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      prometheus: { type: 'string' },
      job: { type: 'string' },
      match: { type: 'string', multiple: true },
      objective: { type: 'string' },
      weeks: { type: 'string' },
      timeout: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const [action, ...rest] = positionals;
  if (action !== 'suggest' || rest.length > 0) {
    throw new UsageError(`Expected suggest and options, got "${printable(positionals.join(' '))}"`);
  }
  const given = values.prometheus ?? process.env.LOOPSIGHT_PROMETHEUS_URL ?? '';
  if (given.trim() === '') {
    throw new UsageError('Expected `--prometheus` (or LOOPSIGHT_PROMETHEUS_URL) to name a Prometheus');
  }
  const url = asUsage(() => prometheusUrl(given));
  const objective = asUsage(() => objectiveKind.parse(values.objective ?? String(DEFAULT_OBJECTIVE), '--objective'));
  const weeks = asUsage(() => weeksKind.parse(values.weeks ?? String(DEFAULT_WEEKS), '--weeks'));
  const timeoutS = readDuration('--timeout', values.timeout, 0.1, MAXIMUM_TIMEOUT_S) ?? DEFAULT_TIMEOUT_S;
  const match = (values.match ?? []).map(readMatch);
  const authorization = asUsage(() => authorizationFrom(process.env, 'LOOPSIGHT_PROMETHEUS'));
  const transport = asUsage(() => transportFrom(process.env, 'LOOPSIGHT_PROMETHEUS', url));
  try {
    const client = createPrometheusClient({ url, timeoutMs: timeoutS * 1000, authorization, transport });
    const lookbackS = weeks * WEEK_S;
    const collected = await collectHours(client, { job: values.job, match, lookbackS, nowS: Date.now() / 1000 });
    const suggestion = suggest(collected.hours, objective);
    if (suggestion === undefined) {
      throw new UnreadableData(
        `${client.shown} has no whole hour of job ${printable(collected.job)} in which lag was measured often enough; ask again in some hours.`,
      );
    }
    streams.out(
      values.json
        ? `${escapeControls(JSON.stringify(suggestionJson(suggestion, collected), undefined, 2))}\n`
        : renderSuggestion(suggestion, collected),
    );
    return suggestion.chosen === undefined ? EXIT_CODES.wrong : EXIT_CODES.ok;
  } catch (error) {
    if (!(error instanceof UnreadableData)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}
