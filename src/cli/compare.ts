// `loopsight compare`: did this deploy make it worse?
import type { Collected } from '../compare/collected.js';
import type { Answer, Verdict } from '../compare/observations.js';
import type { CompareOptions } from '../compare/options.js';
import { createPrometheusClient, type PrometheusOptions } from '../compare/prometheus/client.js';
import { collectComparison } from '../compare/prometheus/comparison.js';
import { renderJson } from '../compare/render/json.js';
import { renderMarkdown } from '../compare/render/markdown.js';
import { renderText } from '../compare/render/text.js';
import { readComparison } from '../compare/scrapes/comparison.js';
import { compare } from '../compare/statistics/compare.js';
import { UnreadableData } from '../compare/unreadable.js';
import { watch } from '../compare/watch.js';
import { printable } from '../status/wording.js';
import { type CommandStreams, EXIT_CODES, usageMessage } from './command.js';
import { type CompareArguments, type CompareSource, readArguments } from './compare-arguments.js';
import { authorizationFrom } from './credentials.js';
import { asUsage } from './option-readers.js';
import { transportFrom } from './transport.js';

const HELP = `Usage: loopsight compare --prometheus <url> [--job <job>] [<baseline> <candidate>] [options]
       loopsight compare --prometheus <url> --by <label> <a> <b> [options]
       loopsight compare --prometheus <url> --after <time> | --offset <duration> [options]
       loopsight compare --scrapes <before/> <after/> [options]

Says whether a deploy made a service better or worse, and by how much. Without names it
compares the two versions that run, or the one that runs with the one before it.

Where from:
  --prometheus <url>    Prometheus, or what speaks its API; a path prefix is kept
                        (default LOOPSIGHT_PROMETHEUS_URL)
  --job <job>           the job; needed where several have metrics of Loopsight
  --match <label=value> only series with this label; may be repeated
  --thread <name>       the thread whose loop is compared (default main)
  --scrapes <before/> <after/>
                        folders of saved /metrics, at least two of each process, each
                        process in a subfolder of its own
  --history <folder/>   with --scrapes: earlier ones, which tell what is usual

What with what:
  --baseline, --candidate <version>
                        the same as two names
  --by <label> <a> <b>  two values of another label (of the metrics or of target_info)
  --before, --after <time>
                        the time that ends at the one with the time that begins at the
                        other; one alone is both. RFC 3339, Unix seconds, or ago: 2h
  --offset <duration>   now with the same time so long ago, such as 1w
  --window <duration>   longest time of each side (default 1h)
  --lookback <duration> how far back versions are looked for (default 1d)
  --past <duration>     how much of the time before tells what is usual (default 7d)
  --block <duration>    length of a block (default 1m, longer for rare scrapes)
  --warm-up <duration>  how long processes count as fresh and are left out (default 5m)
  --minimum-ratio <n>   smallest change that matters (default 1.2)

How:
  --watch               looks again until there is enough data, or until the deadline
  --deadline <duration> end of --watch (default 1h)
  --every <duration>    time between its looks (default a sixth of the deadline)
  --timeout <duration>  for all queries of a look (default 60s)
  --json                everything, for programs
  --markdown            for a comment on a pull request
  -h, --help            this text

Credentials: LOOPSIGHT_PROMETHEUS_TOKEN_FILE, or LOOPSIGHT_PROMETHEUS_USERNAME and
LOOPSIGHT_PROMETHEUS_PASSWORD_FILE; further headers, such as a tenant's:
LOOPSIGHT_PROMETHEUS_HEADERS (X-Scope-OrgID=shop); a client's certificate:
LOOPSIGHT_PROMETHEUS_CERT_FILE and LOOPSIGHT_PROMETHEUS_KEY_FILE. Proxies: HTTPS_PROXY,
HTTP_PROXY, NO_PROXY.

Exit code: 0 better or no difference, 1 worse, 2 inconclusive, 3 could not be told
(unreachable, no data, wrong usage).

Examples:
  loopsight compare --prometheus http://prometheus:9090 --job checkout
  loopsight compare --prometheus http://prometheus:9090 --job checkout 1.4.2 1.5.0 --markdown
  loopsight compare --prometheus http://prometheus:9090 --by canary false true
`;

const VERDICT_CODES: Readonly<Record<Answer, number>> = {
  better: EXIT_CODES.ok,
  'no difference': EXIT_CODES.ok,
  worse: EXIT_CODES.wrong,
  inconclusive: 2,
};

/** Runs the command; resolves to the exit code. Wrong usage is 3 here, because a pipeline must not take it for inconclusive. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  try {
    const given = readArguments(argv, process.env, Date.now() / 1000);
    if (given === undefined) {
      streams.out(HELP);
      return EXIT_CODES.ok;
    }
    const { verdict, collected } = await answer(given, streams);
    const code = VERDICT_CODES[verdict.verdict];
    streams.out(render(given.output, verdict, collected, code, streams.colour));
    return code;
  } catch (error) {
    const usage = usageMessage(error);
    if (usage === undefined && !(error instanceof UnreadableData)) throw error;
    streams.error(
      usage === undefined
        ? `${(error as Error).message}\n`
        : `${printable(usage, 300)}; see loopsight compare --help.\n`,
    );
    return EXIT_CODES.unreadable;
  }
}

interface Outcome {
  readonly verdict: Verdict;
  readonly collected: Collected;
}

async function answer({ source, options, watch: asked }: CompareArguments, streams: CommandStreams): Promise<Outcome> {
  const access = source.kind === 'prometheus' ? readAccess(source.url) : {};
  const look = async (further: CompareOptions): Promise<Outcome> => {
    const collected = await collect(source, access);
    return { collected, verdict: compare(collected.comparison, { ...options, ...further }) };
  };
  if (asked === undefined) return await look({});
  const { redraw } = streams;
  return await watch((number) => look({ look: number }), {
    ...asked,
    redraw,
    tell: (line) => streams.error(`${line}\n`),
  });
}

async function collect(source: CompareSource, access: Access): Promise<Collected> {
  if (source.kind === 'scrapes') return readComparison(source.request);
  const { url, timeoutMs, requestAt } = source;
  const client = createPrometheusClient({ url, timeoutMs, ...access });
  return await collectComparison(client, requestAt(Date.now() / 1000));
}

function render(
  output: CompareArguments['output'],
  verdict: Verdict,
  collected: Collected,
  code: number,
  colour: boolean,
): string {
  if (output === 'json') return renderJson(verdict, collected, code);
  return output === 'markdown' ? renderMarkdown(verdict, collected) : renderText(verdict, collected, colour);
}

type Access = Pick<PrometheusOptions, 'authorization' | 'transport'>;

function readAccess(url: URL): Access {
  return asUsage(() => ({
    authorization: authorizationFrom(process.env, 'LOOPSIGHT_PROMETHEUS'),
    transport: transportFrom(process.env, 'LOOPSIGHT_PROMETHEUS', url),
  }));
}
