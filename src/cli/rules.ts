// `loopsight rules`: writes recording rules and alerts as files.
import { parseArgs } from 'node:util';
import { kubernetesFiles } from '../../grafana/kubernetes/objects.js';
import type { RuleOptions } from '../../grafana/rules/options.js';
import { renderRuleFiles } from '../../grafana/rules/render.js';
import type { MetricSet } from '../../grafana/sets.js';
import { printable } from '../status/wording.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { packageDashboards, readSet, SET_HELP } from './package-dashboards.js';
import { describeRuleFlags, flagOf, inTermsOfFlags, RULE_FLAGS, readRuleOptions } from './rule-arguments.js';
import { UnwritableFolder, writeFiles } from './write-files.js';

/** The file that is not for Prometheus. */
const ALERTMANAGER = 'alertmanager.yml';
const KUBERNETES_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const KUBERNETES_LABEL = /^((?:[a-z0-9.-]+\/)?[A-Za-z0-9][\w.-]{0,62})=((?:[A-Za-z0-9][\w.-]{0,62})?)$/;

const HELP = `Usage: loopsight rules export <folder/> [options]

Writes recording rules and alerts, for Prometheus 2.42 or later: <set>.rules.yml and
<set>.alerts.yml, which go into rule_files of its configuration.

Options:
${SET_HELP}
  --alertmanager        writes alertmanager.yml as well: the routes and inhibit rules that make
                        one notification of one block
  --kubernetes          writes objects for the Prometheus Operator instead, the dashboards as
                        ConfigMaps and a kustomization; --${flagOf('labels')} is then namespace
  --namespace <name>    with --kubernetes: where the objects live
  --object-label <name=value>
                        with --kubernetes: a label of every object, such as the release that the
                        operator selects by; may be repeated
  -h, --help            this text

Thresholds and waiting times:
${describeRuleFlags()}

Exit code: 0 written, 2 wrong usage, 3 could not be written.

Examples:
  loopsight rules export /etc/prometheus/loopsight --slo-objective 0.999
  loopsight rules export loopsight/ --kubernetes --object-label release=prometheus
  loopsight rules export rules/ --set otlp --starved-lag-s 1 --without LoopsightSpinning
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], { out, error: tell }: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      ...RULE_FLAGS,
      set: { type: 'string' },
      alertmanager: { type: 'boolean', default: false },
      kubernetes: { type: 'boolean', default: false },
      namespace: { type: 'string' },
      'object-label': { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    out(HELP);
    return EXIT_CODES.ok;
  }
  const [action, folder, ...rest] = positionals;
  if (action !== 'export') {
    throw new UsageError(`Expected export, got ${action === undefined ? 'nothing' : `"${printable(action)}"`}`);
  }
  if (folder === undefined || folder === '' || rest.length > 0) {
    throw new UsageError(`Expected export to have one folder, got ${positionals.length - 1}`);
  }
  const files = filesOf(readSet(values.set), readRuleOptions(values), values);
  try {
    for (const path of writeFiles(folder, files)) out(`${printable(path, 200)}\n`);
    return EXIT_CODES.ok;
  } catch (error) {
    if (!(error instanceof UnwritableFolder)) throw error;
    tell(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

interface Wanted {
  readonly alertmanager: boolean;
  readonly kubernetes: boolean;
  readonly namespace?: string | undefined;
  readonly 'object-label'?: readonly string[] | undefined;
}

function filesOf(set: MetricSet, given: Partial<RuleOptions>, wanted: Wanted): ReadonlyMap<string, string> {
  // In a cluster, services of one name are told apart by their namespace.
  const options = wanted.kubernetes ? { labels: ['namespace'], ...given } : given;
  const files = [...inTermsOfFlags(() => renderRuleFiles(set, options))];
  const routes = files.filter(([name]) => name === ALERTMANAGER && wanted.alertmanager);
  if (wanted.kubernetes) {
    const { namespace, 'object-label': labels = [] } = wanted;
    if (namespace !== undefined && !KUBERNETES_NAME.test(namespace)) {
      throw new UsageError(
        `Expected \`--namespace\` to be a name as Kubernetes takes it, got "${printable(namespace)}"`,
      );
    }
    const metadata = {
      ...(namespace === undefined ? {} : { namespace }),
      labels: Object.fromEntries(labels.map(readLabel)),
    };
    return new Map([...kubernetesFiles(set, options, packageDashboards(set), metadata), ...routes]);
  }
  const only = (['namespace', 'object-label'] as const).find((name) => wanted[name] !== undefined);
  if (only !== undefined) throw new UsageError(`\`--${only}\` needs \`--kubernetes\``);
  return new Map([...files.filter(([name]) => name !== ALERTMANAGER), ...routes]);
}

function readLabel(given: string): readonly [string, string] {
  const [, name, value] = KUBERNETES_LABEL.exec(given) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(
      `Expected \`--object-label\` to be NAME=VALUE as Kubernetes takes them, got "${printable(given)}"`,
    );
  }
  return [name, value];
}
