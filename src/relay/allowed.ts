// What may be asked of the inspector through the socket: profiles, coverage, trace events, and where a paused thread is. Nothing
// that runs, changes or reads anything else.

/** A method's parameters as they may be passed on; undefined where they may not. */
type Cleaner = (params: Params) => Params | undefined;
type Params = Readonly<Record<string, unknown>>;

/** Samples any closer would take more time than what they look at. */
const SHORTEST_INTERVAL_US = 50;
const LONGEST_INTERVAL_US = 10_000_000;
const MOST_CATEGORIES = 64;

const none: Cleaner = () => ({});

const picked =
  (kinds: Readonly<Record<string, 'boolean' | 'string' | 'number'>>): Cleaner =>
  (params) => {
    const entries = Object.entries(kinds).filter(([key]) => params[key] !== undefined);
    if (!entries.every(([key, kind]) => typeof params[key] === kind)) return undefined;
    return Object.fromEntries(entries.map(([key]) => [key, params[key]]));
  };

const interval: Cleaner = ({ interval: us }) =>
  typeof us === 'number' && us >= SHORTEST_INTERVAL_US && us <= LONGEST_INTERVAL_US
    ? { interval: Math.round(us) }
    : undefined;

const categories: Cleaner = ({ traceConfig }) => {
  if (!isObject(traceConfig)) return undefined;
  const { includedCategories, recordMode } = traceConfig;
  if (!Array.isArray(includedCategories) || includedCategories.length > MOST_CATEGORIES) return undefined;
  if (!includedCategories.every((name) => typeof name === 'string' && name.length <= 100)) return undefined;
  // Any other would keep events in the process.
  if (recordMode !== undefined && recordMode !== 'recordContinuously' && recordMode !== 'recordUntilFull')
    return undefined;
  return { traceConfig: { ...(recordMode === undefined ? {} : { recordMode }), includedCategories } };
};

const METHODS: ReadonlyMap<string, Cleaner> = new Map([
  ['Profiler.enable', none],
  ['Profiler.disable', none],
  ['Profiler.setSamplingInterval', interval],
  ['Profiler.start', none],
  ['Profiler.stop', none],
  ['Profiler.startPreciseCoverage', picked({ callCount: 'boolean', detailed: 'boolean' })],
  ['Profiler.takePreciseCoverage', none],
  ['Profiler.stopPreciseCoverage', none],
  ['Profiler.getBestEffortCoverage', none],
  // Workers never wait for a debugger when they start.
  ['NodeWorker.enable', () => ({ waitForDebuggerOnStart: false })],
  ['NodeWorker.disable', none],
  ['NodeWorker.detach', picked({ sessionId: 'string' })],
  ['NodeTracing.getCategories', none],
  ['NodeTracing.start', categories],
  ['NodeTracing.stop', none],
  ['Debugger.enable', none],
  ['Debugger.disable', none],
  ['Debugger.pause', none],
  // Without `terminateOnResume`.
  ['Debugger.resume', none],
  // Calls no getter and no trap of a proxy, but for what an application has made of the `stack` of its errors: V8 reads that.
  ['Runtime.getProperties', picked({ objectId: 'string', ownProperties: 'boolean', generatePreview: 'boolean' })],
]);

/** What passes a message on to a worker; what is in it is checked alike. */
export const TO_WORKER = 'NodeWorker.sendMessageToWorker';

/** The parameters to be passed on, without everything that the method does not need; else why not, in a sentence. */
export function allowedParams(method: string, params: Params): Params | string {
  const clean = METHODS.get(method);
  if (clean === undefined) return 'The method is not allowed through the observer.';
  return clean(params) ?? 'The parameters are not allowed through the observer.';
}

/** Methods that hold the thread for a while, and not because of its own code. */
export const HOLDING: ReadonlySet<string> = new Set([
  'Profiler.start',
  'Profiler.stop',
  'Profiler.startPreciseCoverage',
  'Profiler.takePreciseCoverage',
  'Profiler.stopPreciseCoverage',
  'Profiler.getBestEffortCoverage',
  'NodeTracing.start',
  'Debugger.enable',
  'Debugger.disable',
  'Profiler.disable',
]);

/** Whether `value` is an object that is no list. */
export function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
