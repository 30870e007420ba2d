// Every option: type, default, variable and check, resolved once into a complete object. docs/configuration.md is generated from here.
import { ACCESS_NAMES, ACCESS_OPTIONS, type AccessOptions, type AccessValues } from './access/access-options.js';
import { applicationEnvironment } from './group/pm2.js';
import { SERIES_LIMIT_PER_METRIC } from './metric-names.js';
import {
  attributeMap,
  functionOf,
  groupName,
  mapOf,
  nameList,
  numberBetween,
  oneOf,
  onOrOff,
  text,
  trueOrFalse,
  unexpected,
  type ValueKind,
} from './option-values.js';
import { seriesCount } from './series-limits.js';
import type { StallReport } from './stalls/blame/stall-report.js';
import { traceList } from './trace-patterns/patterns.js';

/** A day: longer than anybody waits for a loop. */
export const LONGEST_STALL_MS = 86_400_000;

/** The instrumentations that `start` runs, by the names that switches and variables use. */
export const INSTRUMENTATION_NAMES = [
  'event-loop',
  'garbage-collection',
  'process',
  'http',
  'traced',
  'queues',
  'worker-threads',
  'blocking-calls',
  'connections',
  'thread-pool',
  'processes',
  'locks',
] as const;

export type InstrumentationName = (typeof INSTRUMENTATION_NAMES)[number];

/** What becomes of calls that block the main thread. */
export type BlockingCallsMode = 'count' | 'throw' | 'off';

/** How it is found out where the time of traced functions goes. */
export type FunctionTimeMode = 'on' | 'on-demand' | 'off';

/** Options of `start`; what is not given comes from the environment, then from the default. */
export interface LoopsightOptions extends AccessOptions {
  /** Address that the endpoint binds to. @default '127.0.0.1' */
  readonly host?: string;
  /** Port of the endpoint; 0 picks a free one. @default 9464 */
  readonly port?: number;
  /** Whether the endpoint is served at all. @default true */
  readonly endpoint?: boolean;
  /** Whether scrapes are served by a thread of their own, so that they are answered while the main thread is blocked. @default true */
  readonly observer?: boolean;
  /** Whether the few lines that an operator needs (a port in use, say) are written to standard error. @default true */
  readonly log?: boolean;
  /** Mean of the random intervals between lag probes, in milliseconds. @default 50 */
  readonly lagProbeIntervalMs?: number;
  /** A loop that does not turn for longer than this has a stall, in milliseconds. @default 100 */
  readonly stallThresholdMs?: number;
  /** Whether the code that causes a stall is named. @default true */
  readonly blame?: boolean;
  /** A lock that is held for longer than this while others wait is told of, in milliseconds. @default 1000 */
  readonly lockHoldThresholdMs?: number;
  /**
   * What becomes of calls that block the main thread: they are counted, or, in tests, throw. It is the switch of the
   * instrumentation `blocking-calls` as well. @default 'count'
   */
  readonly blockingCalls?: BlockingCallsMode;
  /** Calls that may block where blocking calls throw, as `failOnBlockingCalls` takes them. @default none */
  readonly blockingCallsAllow?: readonly string[];
  /**
   * How it is found out where the time of traced functions goes: from a sample of their calls, only when somebody asks, or
   * not at all (docs/time-accounting.md). @default 'on'
   */
  readonly functionTime?: FunctionTimeMode;
  /** Whether the order in which flows take locks is followed, to find likely deadlocks. @default true on Node 24 and newer */
  readonly lockOrder?: boolean;
  /** Called once with the report of each stall, when the loop turns again; what it throws is kept from everybody. @default none */
  readonly onStall?: (report: StallReport) => void;
  /** Whether spans are exported by OTLP, with the SDK that the application has installed but does not start itself. @default false */
  readonly traces?: boolean;
  /** Exports and methods that are traced as they are loaded, such as `./dist/handlers/**#*` (docs/tracing-without-code.md). @default none */
  readonly trace?: readonly string[];
  /** `/healthz` answers 503 once a loop has not turned for this long, in milliseconds; 0 is never. @default 0 */
  readonly unhealthyAfterMs?: number;
  /** File that the last stall of a second or more is written to, while it lasts. @default none */
  readonly stallFile?: string;
  /** All stacks are written to standard error when a loop has not turned for this long, in milliseconds; 0 is never. @default 0 */
  readonly dumpAfterMs?: number;
  /** Whether `loopsight dump` and `loopsight tasks` can ask this process what it does. @default true */
  readonly socket?: boolean;
  /** Whether the live page is served at `/` of the endpoint: on this machine alone, unless credentials are set. @default false */
  readonly page?: boolean;
  /** Whether the main thread is profiled all the time (docs/continuous-profiling.md). @default false */
  readonly profile?: boolean;
  /** How far apart samples of that profile are, in milliseconds. @default 20 */
  readonly profileIntervalMs?: number;
  /** Whether that profile is told apart by the routes of HTTP requests, in windows in which promises are followed. @default true */
  readonly profileRoutes?: boolean;
  /** Whether profiles can be fetched at `/debug/pprof/profile` of the endpoint, by those with credentials (docs/security.md). @default false */
  readonly profileEndpoint?: boolean;
  /** Group whose processes share one endpoint: a name of your own, or `off`. @default the workers of one cluster, the instances of one PM2 application */
  readonly group?: string;
  /** Whether the default registries of prom-client and @prometheus-io/client, where loaded, are served as well. @default false */
  readonly promClient?: boolean;
  /** Name of the service. @default the nearest package.json's name, else `unknown_service:node` */
  readonly serviceName?: string;
  /** Version of the service. @default the nearest package.json's version and the commit (docs/configuration.md) */
  readonly serviceVersion?: string;
  /** Further attributes of the resource, shown by `target_info`. @default {} */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  /** Series that one metric may have before further ones share a series. @default 2000 */
  readonly seriesLimit?: number;
  /** The same for single metrics, by their name in OpenTelemetry. @default {} */
  readonly seriesLimits?: Readonly<Record<string, number>>;
  /** Switches of single instrumentations. @default every one on */
  readonly instrumentations?: Readonly<Partial<Record<InstrumentationName, boolean>>>;
}

/** Options with nothing left open. */
export interface ResolvedOptions extends AccessValues {
  readonly host: string;
  readonly hostIsDefault: boolean;
  readonly port: number;
  readonly endpoint: boolean;
  readonly observer: boolean;
  readonly log: boolean;
  readonly lagProbeIntervalMs: number;
  readonly stallThresholdMs: number;
  readonly blame: boolean;
  readonly lockHoldThresholdMs: number;
  readonly blockingCalls: BlockingCallsMode;
  readonly blockingCallsAllow: readonly string[];
  readonly functionTime: FunctionTimeMode;
  readonly lockOrder: boolean | undefined;
  readonly onStall: ((report: StallReport) => void) | undefined;
  readonly unhealthyAfterMs: number;
  readonly stallFile: string | undefined;
  readonly dumpAfterMs: number;
  readonly socket: boolean;
  readonly page: boolean;
  readonly profile: boolean;
  readonly profileIntervalMs: number;
  readonly profileRoutes: boolean;
  readonly profileEndpoint: boolean;
  readonly group: string | undefined;
  readonly promClient: boolean;
  readonly traces: boolean;
  readonly trace: readonly string[];
  readonly serviceName: string | undefined;
  readonly serviceVersion: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly seriesLimit: number;
  readonly seriesLimits: Readonly<Record<string, number>>;
  readonly exemplars: boolean;
  readonly instrumentations: Readonly<Record<InstrumentationName, boolean>>;
}

/** One option as docs and tests see it. */
export interface OptionDefinition<T = unknown> {
  readonly option: keyof LoopsightOptions | undefined;
  readonly variable: string | undefined;
  readonly kind: ValueKind<T>;
  readonly defaultText: string;
  readonly description: string;
  /** What to do instead, where loopsight.config.json cannot give it. */
  readonly inFile?: string;
}

/** The options that loopsight.config.json can give, each checked. */
export type FileOptions = Omit<LoopsightOptions, 'onStall' | 'token' | 'password'>;

/** As a variable also `on`, which is what other instrumentations are switched by. */
const blockingCallsMode: ValueKind<BlockingCallsMode> = {
  ...oneOf(['count', 'throw', 'off']),
  parse(value, name) {
    const word = oneOf(['count', 'throw', 'off', 'on']).parse(value, name);
    return word === 'on' ? 'count' : word;
  },
};

const define = <T>(definition: OptionDefinition<T>) => definition;

/** Every option and variable, in the order of the docs. */
export const OPTIONS = {
  disabled: define({
    option: undefined,
    variable: 'OTEL_SDK_DISABLED',
    kind: trueOrFalse,
    defaultText: '`false`',
    description: '`true` turns everything off.',
  }),
  configFile: define({
    option: undefined,
    variable: 'LOOPSIGHT_CONFIG_FILE',
    kind: text,
    defaultText: "`loopsight.config.json` beside the application's package.json, else in the working directory",
    description: 'File with options ([configuration file](#configuration-file)); `off` reads none.',
  }),
  host: define({
    option: 'host',
    variable: 'OTEL_EXPORTER_PROMETHEUS_HOST',
    kind: text,
    defaultText: '`127.0.0.1`',
    description:
      'Address that the endpoint binds to. In Kubernetes set `0.0.0.0`, so that Prometheus can reach the pod.',
  }),
  port: define({
    option: 'port',
    variable: 'OTEL_EXPORTER_PROMETHEUS_PORT',
    kind: numberBetween(0, 65535, { integer: true }),
    defaultText: '`9464`',
    description: 'Port of the endpoint; `0` picks a free one. A port in use is one line in the log and no endpoint.',
  }),
  endpoint: define({
    option: 'endpoint',
    variable: undefined,
    kind: trueOrFalse,
    defaultText: '`true`',
    description: 'Whether the endpoint is served; as a variable `OTEL_METRICS_EXPORTER=none` turns it off.',
  }),
  ...ACCESS_OPTIONS,
  metricsExporter: define({
    option: undefined,
    variable: 'OTEL_METRICS_EXPORTER',
    kind: nameList,
    defaultText: '`prometheus`',
    description: '`none` turns the endpoint off. Other exporters belong to an SDK and change nothing here.',
  }),
  observer: define({
    option: 'observer',
    variable: 'LOOPSIGHT_OBSERVER',
    kind: onOrOff,
    defaultText: '`on`',
    description: 'Whether a thread of its own serves scrapes; `off` serves them from the main thread.',
  }),
  log: define({
    option: 'log',
    variable: 'LOOPSIGHT_LOG',
    kind: onOrOff,
    defaultText: '`on`',
    description: 'Whether the few lines that an operator needs are written to standard error.',
  }),
  lagProbeIntervalMs: define({
    option: 'lagProbeIntervalMs',
    variable: 'LOOPSIGHT_LAG_PROBE_INTERVAL_MS',
    kind: numberBetween(10, 60_000, { integer: false }),
    defaultText: '`50`',
    description: 'Mean of the random intervals between lag probes, in milliseconds.',
  }),
  stallThresholdMs: define({
    option: 'stallThresholdMs',
    variable: 'LOOPSIGHT_STALL_THRESHOLD_MS',
    kind: numberBetween(20, 60_000, { integer: false }),
    defaultText: '`100`',
    description: 'A loop that does not turn for longer than this has a stall, in milliseconds.',
  }),
  blame: define({
    option: 'blame',
    variable: 'LOOPSIGHT_BLAME',
    kind: onOrOff,
    defaultText: '`on`',
    description: 'Whether the code that causes a stall is named; `off` counts stalls without a look at any stack.',
  }),
  lockHoldThresholdMs: define({
    option: 'lockHoldThresholdMs',
    variable: 'LOOPSIGHT_LOCK_HOLD_THRESHOLD_MS',
    kind: numberBetween(10, 86_400_000, { integer: false }),
    defaultText: '`1000`',
    description: 'A lock that is held for longer than this while others wait is told of, in milliseconds.',
  }),
  blockingCalls: define({
    option: 'blockingCalls',
    variable: 'LOOPSIGHT_BLOCKING_CALLS',
    kind: blockingCallsMode,
    defaultText: '`count`',
    description:
      'Calls that block the main thread are counted (`count`, `on`), throw (`throw`, for test suites: [blocking-calls.md](blocking-calls.md)), or are left alone (`off`).',
  }),
  blockingCallsAllow: define({
    option: 'blockingCallsAllow',
    variable: 'LOOPSIGHT_BLOCKING_CALLS_ALLOW',
    kind: nameList,
    defaultText: 'none',
    description:
      'Calls that may block where they would throw: `fs.existsSync`, `loadConfig()`, `src/config/**`, `fs.* in src/config/**`.',
  }),
  functionTime: define({
    option: 'functionTime',
    variable: 'LOOPSIGHT_FUNCTION_TIME',
    kind: oneOf(['on', 'on-demand', 'off']),
    defaultText: '`on`',
    description:
      'How it is found out where the time of traced functions goes ([time-accounting.md](time-accounting.md)): from a sample of their calls (`on`), only when somebody asks (`on-demand`), or not at all (`off`).',
  }),
  lockOrder: define({
    option: 'lockOrder',
    variable: 'LOOPSIGHT_LOCK_ORDER',
    kind: onOrOff,
    defaultText: '`on` on Node 24 and newer',
    description:
      'Whether the order in which flows take locks is followed, to find likely deadlocks. Before Node 24 that makes every promise dearer.',
  }),
  onStall: define({
    option: 'onStall',
    variable: undefined,
    kind: functionOf<(report: StallReport) => void>(),
    defaultText: 'none',
    description: 'Function that is called with the report of each stall, once the loop turns again.',
    inFile: 'a file holds no function; give it to start()',
  }),
  traces: define({
    option: 'traces',
    variable: 'LOOPSIGHT_TRACES',
    kind: onOrOff,
    defaultText: '`off`',
    description:
      'Whether spans are exported by OTLP with the SDK that the application has installed, where it starts none itself.',
  }),
  trace: define({
    option: 'trace',
    variable: 'LOOPSIGHT_TRACE',
    kind: traceList,
    defaultText: 'none',
    description:
      'Exports and methods that are traced as they are loaded, such as `./dist/handlers/**#*, some-package#Client.prototype.send, express#handlers` ([tracing-without-code.md](tracing-without-code.md)).',
  }),
  unhealthyAfterMs: define({
    option: 'unhealthyAfterMs',
    variable: 'LOOPSIGHT_UNHEALTHY_AFTER_MS',
    kind: numberBetween(0, LONGEST_STALL_MS, { integer: false }),
    defaultText: '`0` (never)',
    description:
      '`/healthz` answers 503 once a loop has not turned for this long, in milliseconds. A worker that waits in `Atomics.wait` is healthy.',
  }),
  stallFile: define({
    option: 'stallFile',
    variable: 'LOOPSIGHT_STALL_FILE',
    kind: text,
    defaultText: 'none',
    description:
      'File that the last stall of a second or more is written to, first while it lasts; such as `/dev/termination-log`.',
  }),
  dumpAfterMs: define({
    option: 'dumpAfterMs',
    variable: 'LOOPSIGHT_DUMP_AFTER_MS',
    kind: numberBetween(0, LONGEST_STALL_MS, { integer: false }),
    defaultText: '`0` (never)',
    description:
      'The stacks of all threads are written to standard error when a loop has not turned for this long, in milliseconds, and again after each further such time.',
  }),
  socket: define({
    option: 'socket',
    variable: 'LOOPSIGHT_SOCKET',
    kind: onOrOff,
    defaultText: '`on`',
    description:
      'Whether `loopsight dump`, `tasks`, `top`, `record` and `trace` can ask what the process does, through a socket for the same user alone ([security.md](security.md#the-socket)).',
  }),
  page: define({
    option: 'page',
    variable: 'LOOPSIGHT_PAGE',
    kind: onOrOff,
    defaultText: '`off`',
    description:
      'Whether the live page is served at `/` of the endpoint ([live-page.md](live-page.md)): on this machine alone, unless credentials are set.',
  }),
  profile: define({
    option: 'profile',
    variable: 'LOOPSIGHT_PROFILE',
    kind: onOrOff,
    defaultText: '`off`',
    description:
      'Whether the main thread is profiled all the time ([continuous-profiling.md](continuous-profiling.md)), for `loopsight.cpu.time` and the native calls of stalls.',
  }),
  profileIntervalMs: define({
    option: 'profileIntervalMs',
    variable: 'LOOPSIGHT_PROFILE_INTERVAL_MS',
    kind: numberBetween(1, 1000, { integer: false }),
    defaultText: '`20`',
    description: 'How far apart samples of that profile are, in milliseconds.',
  }),
  profileRoutes: define({
    option: 'profileRoutes',
    variable: 'LOOPSIGHT_PROFILE_ROUTES',
    kind: onOrOff,
    defaultText: '`on`',
    description:
      'Whether that profile is told apart by the routes of HTTP requests (`loopsight.route.cpu.time`), in windows of a second in which promises are followed.',
  }),
  profileEndpoint: define({
    option: 'profileEndpoint',
    variable: 'LOOPSIGHT_PROFILE_ENDPOINT',
    kind: onOrOff,
    defaultText: '`off`',
    description:
      'Whether profiles can be fetched at `/debug/pprof/profile?seconds=N` of the endpoint ([security.md](security.md#profiles)); it must ask for credentials.',
  }),
  group: define({
    option: 'group',
    variable: 'LOOPSIGHT_GROUP',
    kind: groupName,
    defaultText: 'the workers of one cluster, the instances of one PM2 application',
    description:
      'Processes of one name share one endpoint, where each series tells its process ([groups.md](groups.md)); `off` serves each process alone.',
  }),
  promClient: define({
    option: 'promClient',
    variable: 'LOOPSIGHT_PROM_CLIENT',
    kind: onOrOff,
    defaultText: '`off`',
    description:
      'Whether the default registry of prom-client or `@prometheus-io/client`, where the application loads one, is served at the endpoint as well.',
  }),
  serviceName: define({
    option: 'serviceName',
    variable: 'OTEL_SERVICE_NAME',
    kind: text,
    defaultText: 'name of the nearest package.json',
    description: 'Name of the service; wins over `service.name` in the resource attributes.',
  }),
  serviceVersion: define({
    option: 'serviceVersion',
    variable: undefined,
    kind: text,
    defaultText: 'version of the nearest package.json and the commit',
    description:
      'Version of the service, a label of every series; as a variable `OTEL_RESOURCE_ATTRIBUTES=service.version=…`.',
  }),
  resourceAttributes: define({
    option: 'resourceAttributes',
    variable: 'OTEL_RESOURCE_ATTRIBUTES',
    kind: attributeMap,
    defaultText: 'none',
    description: 'Attributes of the resource, shown by `target_info`; the option wins key by key.',
  }),
  seriesLimit: define({
    option: 'seriesLimit',
    variable: 'LOOPSIGHT_SERIES_LIMIT',
    kind: seriesCount,
    defaultText: '`2000`',
    description:
      'Series that one metric may have; further ones share a series that is marked `otel_metric_overflow="true"`.',
  }),
  seriesLimits: define({
    option: 'seriesLimits',
    variable: 'LOOPSIGHT_SERIES_LIMITS',
    kind: mapOf(seriesCount),
    defaultText: 'none',
    description:
      'Limits of single metrics by their name in OpenTelemetry, such as `http.server.request.duration=500`; they win over `seriesLimit`.',
  }),
  exemplarFilter: define({
    option: undefined,
    variable: 'OTEL_METRICS_EXEMPLAR_FILTER',
    kind: oneOf(['trace_based', 'always_on', 'always_off']),
    defaultText: '`trace_based`',
    description:
      'Whether metrics have exemplars ([exemplars.md](exemplars.md)): `always_off` turns them off; `always_on` is as `trace_based`.',
  }),
  instrumentations: define<Readonly<Partial<Record<InstrumentationName, boolean>>>>({
    option: 'instrumentations',
    variable: undefined,
    defaultText: 'every one on',
    kind: {
      allowed: `an object of booleans with the keys ${INSTRUMENTATION_NAMES.join(', ')}`,
      schema: {
        type: 'object',
        properties: Object.fromEntries(INSTRUMENTATION_NAMES.map((name) => [name, { type: 'boolean' }])),
        additionalProperties: false,
      },
      check: checkSwitches,
      parse: () => ({}),
    },
    description: 'Switches of single instrumentations; as variables `LOOPSIGHT_EVENT_LOOP=off` and so on.',
  }),
  enabledInstrumentations: define({
    option: undefined,
    variable: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    kind: nameList,
    defaultText: 'every one',
    description: 'Where it names any of ours, only those run; a list that names none of ours speaks of other packages.',
  }),
  disabledInstrumentations: define({
    option: undefined,
    variable: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    kind: nameList,
    defaultText: 'none',
    description: 'Instrumentations that do not run.',
  }),
} as const;

/** The variable that switches one instrumentation, such as `LOOPSIGHT_EVENT_LOOP`. */
export function switchVariable(name: InstrumentationName): string {
  return `LOOPSIGHT_${name.toUpperCase().replaceAll('-', '_')}`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Completes `options` from the environment, what a file says, and the defaults; undefined when `OTEL_SDK_DISABLED` says so.
 * Throws a TypeError that quotes name, bound and value of the first bad one.
 */
export function resolveOptions(
  options: LoopsightOptions = {},
  environment: Environment = applicationEnvironment(),
  file: FileOptions = {},
): ResolvedOptions | undefined {
  rejectUnknown(options);
  const variable = <T>({ variable: name, kind }: OptionDefinition<T>): T | undefined => {
    const value = name === undefined ? undefined : environment[name];
    // OpenTelemetry: an empty variable is the same as one that is not set.
    return name === undefined || value === undefined || value.trim() === '' ? undefined : kind.parse(value, name);
  };
  const inCodeOrEnvironment = <T>(definition: OptionDefinition<T>): T | undefined => {
    const { option, kind } = definition;
    const fromEnvironment = variable(definition);
    const value = option === undefined ? undefined : options[option];
    return value === undefined || option === undefined ? fromEnvironment : kind.check(value, option);
  };
  const inFile: Readonly<Record<string, unknown>> = { ...file };
  // What a file says was checked when it was read.
  const given = <T>(definition: OptionDefinition<T>): T | undefined =>
    inCodeOrEnvironment(definition) ?? (inFile[definition.option ?? ''] as T | undefined);

  const disabled = variable(OPTIONS.disabled) ?? false;
  const host = given(OPTIONS.host);
  const metricsExporter = variable(OPTIONS.metricsExporter);
  const nearer: Readonly<Record<string, string>> = {
    ...variable(OPTIONS.resourceAttributes),
    ...(options.resourceAttributes === undefined
      ? {}
      : OPTIONS.resourceAttributes.kind.check(options.resourceAttributes, 'resourceAttributes')),
  };
  const resourceAttributes: Readonly<Record<string, string>> = { ...file.resourceAttributes, ...nearer };
  // A name in the environment's attributes stands before one in a file.
  const service = (definition: OptionDefinition<string>, key: string): string | undefined =>
    inCodeOrEnvironment(definition) ?? nearer[key] ?? given(definition) ?? resourceAttributes[key];
  const blockingCalls = inCodeOrEnvironment(OPTIONS.blockingCalls);
  const resolved: ResolvedOptions = {
    host: host ?? '127.0.0.1',
    hostIsDefault: host === undefined,
    port: given(OPTIONS.port) ?? 9464,
    endpoint:
      inCodeOrEnvironment(OPTIONS.endpoint) ??
      (metricsExporter?.includes('none') === true ? false : (file.endpoint ?? true)),
    ...(Object.fromEntries(ACCESS_NAMES.map((name) => [name, given(OPTIONS[name])])) as unknown as AccessValues),
    observer: given(OPTIONS.observer) ?? true,
    log: given(OPTIONS.log) ?? true,
    lagProbeIntervalMs: given(OPTIONS.lagProbeIntervalMs) ?? 50,
    stallThresholdMs: given(OPTIONS.stallThresholdMs) ?? 100,
    blame: given(OPTIONS.blame) ?? true,
    lockHoldThresholdMs: given(OPTIONS.lockHoldThresholdMs) ?? 1000,
    blockingCalls: blockingCalls ?? file.blockingCalls ?? 'count',
    blockingCallsAllow: given(OPTIONS.blockingCallsAllow) ?? [],
    functionTime: given(OPTIONS.functionTime) ?? 'on',
    lockOrder: given(OPTIONS.lockOrder),
    onStall: given(OPTIONS.onStall),
    unhealthyAfterMs: given(OPTIONS.unhealthyAfterMs) ?? 0,
    stallFile: given(OPTIONS.stallFile),
    dumpAfterMs: given(OPTIONS.dumpAfterMs) ?? 0,
    socket: given(OPTIONS.socket) ?? true,
    page: given(OPTIONS.page) ?? false,
    profile: given(OPTIONS.profile) ?? false,
    profileIntervalMs: given(OPTIONS.profileIntervalMs) ?? 20,
    profileRoutes: given(OPTIONS.profileRoutes) ?? true,
    profileEndpoint: given(OPTIONS.profileEndpoint) ?? false,
    promClient: given(OPTIONS.promClient) ?? false,
    traces: given(OPTIONS.traces) ?? false,
    trace: given(OPTIONS.trace) ?? [],
    group: given(OPTIONS.group),
    serviceName: service(OPTIONS.serviceName, 'service.name'),
    serviceVersion: service(OPTIONS.serviceVersion, 'service.version'),
    resourceAttributes,
    seriesLimit: given(OPTIONS.seriesLimit) ?? SERIES_LIMIT_PER_METRIC,
    seriesLimits: given(OPTIONS.seriesLimits) ?? {},
    exemplars: variable(OPTIONS.exemplarFilter) !== 'always_off',
    instrumentations: resolveSwitches(
      inCodeOrEnvironment(OPTIONS.instrumentations) ?? {},
      file.instrumentations ?? {},
      variable(OPTIONS.enabledInstrumentations) ?? [],
      variable(OPTIONS.disabledInstrumentations) ?? [],
      environment,
      // Its variable says more than on and off.
      { name: 'blocking-calls', own: isOnIn(blockingCalls), inFile: isOnIn(file.blockingCalls) },
    ),
  };
  return disabled ? undefined : resolved;
}

function rejectUnknown(options: LoopsightOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw unexpected('options', 'an object', options);
  }
  const known = Object.values(OPTIONS).map((definition) => definition.option);
  for (const key of Object.keys(options)) {
    if (!known.some((option) => option === key)) throw unexpected('options', `an object with known keys`, `${key}`);
  }
}

function checkSwitches(value: unknown, name: string): Readonly<Partial<Record<InstrumentationName, boolean>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unexpected(name, 'an object of booleans', value);
  }
  for (const [key, enabled] of Object.entries(value)) {
    oneOf(INSTRUMENTATION_NAMES).check(key, `a key of ${name}`);
    if (enabled !== undefined) trueOrFalse.check(enabled, `${name}["${key}"]`);
  }
  return value;
}

const isOnIn = (mode: BlockingCallsMode | undefined): boolean | undefined =>
  mode === undefined ? undefined : mode !== 'off';

/** An instrumentation whose switch has modes. */
interface ModedSwitch {
  readonly name: InstrumentationName;
  readonly own: boolean | undefined;
  readonly inFile: boolean | undefined;
}

function resolveSwitches(
  given: Readonly<Partial<Record<InstrumentationName, boolean>>>,
  inFile: Readonly<Partial<Record<InstrumentationName, boolean>>>,
  enabled: readonly string[],
  disabled: readonly string[],
  environment: Environment,
  moded: ModedSwitch,
): Record<InstrumentationName, boolean> {
  const ours = INSTRUMENTATION_NAMES.filter((name) => enabled.includes(name));
  const entries = INSTRUMENTATION_NAMES.map((name) => {
    const variable = switchVariable(name);
    const value = environment[variable]?.trim();
    const switched = () => (value === undefined || value === '' ? undefined : onOrOff.parse(value, variable));
    const own = name === moded.name ? moded.own : switched();
    const listed = disabled.includes(name) ? false : ours.length === 0 ? undefined : ours.includes(name);
    return [name, given[name] ?? own ?? listed ?? inFile[name] ?? (name === moded.name ? moded.inFile : true) ?? true];
  });
  return Object.fromEntries(entries);
}
