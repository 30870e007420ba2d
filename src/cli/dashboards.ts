// `loopsight dashboards`: writes the dashboards as files, or saves them in a Grafana.
import { parseArgs } from 'node:util';
import { grafanaUrl } from '../grafana/base-url.js';
import { createGrafanaClient, type SavedDashboard } from '../grafana/client.js';
import { UnreadableData } from '../http/unreadable.js';
import type { Transport } from '../http/way.js';
import { counted, printable } from '../status/wording.js';
import { VERSION } from '../version.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { authorizationFrom } from './credentials.js';
import { asUsage, readDuration } from './option-readers.js';
import { packageDashboards, readSet, SET_HELP } from './package-dashboards.js';
import { transportFrom } from './transport.js';
import { UnwritableFolder, writeFiles } from './write-files.js';

const DEFAULT_FOLDER = 'Loopsight';
/** What Grafana calls the place that is in no folder. */
const TOP_LEVEL = 'General';
const DEFAULT_TIMEOUT_S = 60;
const MAXIMUM_TIMEOUT_S = 3600;
/** Longest title of a folder. */
const TITLE_LIMIT = 189;

const HELP = `Usage: loopsight dashboards export <folder/> [--set <id>]
       loopsight dashboards push --grafana <url> [--folder <name>] [--set <id>]

Writes the dashboards as files that Grafana's provisioning loads, or saves them in a Grafana
that runs, each in the place of its last version. They are made for Grafana 12 and 13.

Options:
${SET_HELP}
  --grafana <url>       Grafana; a path prefix is kept (default LOOPSIGHT_GRAFANA_URL)
  --folder <name>       title or uid of the folder, made where it is missing; ${TOP_LEVEL} is
                        none (default ${DEFAULT_FOLDER})
  --timeout <duration>  for everything (default ${DEFAULT_TIMEOUT_S}s)
  -h, --help            this text

Credentials: LOOPSIGHT_GRAFANA_TOKEN_FILE (or LOOPSIGHT_GRAFANA_TOKEN), the token of a service
account with the role Editor; or LOOPSIGHT_GRAFANA_USERNAME and LOOPSIGHT_GRAFANA_PASSWORD_FILE.

Exit code: 0 written or saved, 2 wrong usage, 3 could not be written or saved.

Examples:
  loopsight dashboards export /etc/grafana/dashboards/loopsight
  LOOPSIGHT_GRAFANA_TOKEN_FILE=token loopsight dashboards push --grafana https://grafana.example.com
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      set: { type: 'string' },
      grafana: { type: 'string' },
      folder: { type: 'string' },
      timeout: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const [action, ...rest] = positionals;
  const dashboards = () => packageDashboards(readSet(values.set));
  try {
    if (action === 'export') {
      const given = (['grafana', 'folder', 'timeout'] as const).find((name) => values[name] !== undefined);
      if (given !== undefined) throw new UsageError(`\`--${given}\` is for push`);
      const [folder] = rest;
      if (folder === undefined || folder === '' || rest.length > 1) {
        throw new UsageError(`Expected export to have one folder, got ${rest.length}`);
      }
      return exportTo(folder, dashboards(), streams);
    }
    if (action !== 'push') throw new UsageError(`Expected export or push, got ${shownAction(action)}`);
    if (rest.length > 0) throw new UsageError(`Expected push to have options alone, got "${printable(rest[0] ?? '')}"`);
    return await push(readPush(values), dashboards(), streams);
  } catch (error) {
    if (!(error instanceof UnreadableData || error instanceof UnwritableFolder)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

function exportTo(folder: string, dashboards: ReadonlyMap<string, string>, { out }: CommandStreams): number {
  const texts = [...dashboards].map(
    ([name, json]) => [`${name}.json`, `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`] as const,
  );
  for (const path of writeFiles(folder, new Map(texts))) out(`${printable(path, 200)}\n`);
  return EXIT_CODES.ok;
}

interface Push {
  readonly url: URL;
  readonly folder: string | undefined;
  readonly timeoutMs: number;
  readonly authorization: string | undefined;
  readonly transport: Transport;
}

async function push(given: Push, dashboards: ReadonlyMap<string, string>, { out }: CommandStreams): Promise<number> {
  const client = createGrafanaClient(given);
  const folder = given.folder === undefined ? undefined : await client.folder(given.folder);
  let saved = 0;
  try {
    for (const json of dashboards.values()) {
      const address = await client.save(JSON.parse(json) as SavedDashboard, folder, `loopsight ${VERSION}`);
      saved++;
      out(`${address}\n`);
    }
  } catch (error) {
    if (!(error instanceof UnreadableData) || saved === 0) throw error;
    throw new UnreadableData(`${error.message} ${counted(saved, 'dashboard')} of ${dashboards.size} had been saved.`);
  }
  return EXIT_CODES.ok;
}

function readPush(values: {
  readonly grafana?: string | undefined;
  readonly folder?: string | undefined;
  readonly timeout?: string | undefined;
}): Push {
  const given = values.grafana ?? process.env.LOOPSIGHT_GRAFANA_URL ?? '';
  if (given.trim() === '') throw new UsageError('Expected `--grafana` (or LOOPSIGHT_GRAFANA_URL) to name a Grafana');
  const folder = (values.folder ?? DEFAULT_FOLDER).trim();
  if (folder === '' || folder.length > TITLE_LIMIT) {
    throw new UsageError(
      `Expected \`--folder\` to be a title or uid of 1 to ${TITLE_LIMIT} characters, got "${values.folder?.slice(0, 40)}"`,
    );
  }
  const url = asUsage(() => grafanaUrl(given));
  return {
    url,
    folder: folder.toLowerCase() === TOP_LEVEL.toLowerCase() ? undefined : folder,
    timeoutMs: (readDuration('--timeout', values.timeout, 0.1, MAXIMUM_TIMEOUT_S) ?? DEFAULT_TIMEOUT_S) * 1000,
    authorization: asUsage(() => authorizationFrom(process.env, 'LOOPSIGHT_GRAFANA')),
    transport: asUsage(() => transportFrom(process.env, 'LOOPSIGHT_GRAFANA', url)),
  };
}

function shownAction(action: string | undefined): string {
  return action === undefined ? 'nothing' : `"${printable(action)}"`;
}
