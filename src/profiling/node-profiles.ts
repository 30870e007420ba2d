// Whether Node itself profiles a process or counts what runs in it, as it was started to.

/** What a process was started with. */
export interface StartedWith {
  /** NODE_V8_COVERAGE of its environment. */
  readonly coverage: string | undefined;
  /** NODE_OPTIONS of its environment. */
  readonly nodeOptions: string | undefined;
  /** The options of Node on its command line. */
  readonly options: readonly string[];
}

/**
 * What has Node use V8's profiler for itself; undefined where nothing does. Node writes each event of the profiler that it
 * does not expect to standard error, and the end of another session's profiler ends its counts: with this, profiles of the
 * console must not be taken, and no session of the profiler be closed before the process ends.
 */
export function nodeProfilesBy({ coverage, nodeOptions, options }: StartedWith): string | undefined {
  if (coverage !== undefined && coverage !== '') return 'NODE_V8_COVERAGE';
  const given = [...(nodeOptions ?? '').split(/\s+/), ...options];
  return given.includes('--cpu-prof') ? '--cpu-prof' : undefined;
}

/** The same of this process. */
export function nodeProfilesHere(): string | undefined {
  const { NODE_V8_COVERAGE: coverage, NODE_OPTIONS: nodeOptions } = process.env;
  return nodeProfilesBy({ coverage, nodeOptions, options: process.execArgv });
}
