// What the doctor finds in a process: in the program that it started, or in its own.
import { CONFIG_FILE_NAME, readConfigFile } from '../config-file/read-config.js';
import { entryFile } from '../group/pm2.js';
import { isLauncher } from '../launchers.js';
import type { Endpoint } from '../observer/messages.js';
import { INSTRUMENTATION_NAMES, type LoopsightOptions, type ResolvedOptions, resolveOptions } from '../options.js';
import { detectService } from '../service-version.js';
import { sharedState } from '../shared-state.js';
import { captureObstacle } from '../stalls/loop/can-capture.js';
import { VERSION } from '../version.js';
import { describeMachine, findObstacles } from './machine.js';
import { describeOpenTelemetry } from './open-telemetry.js';
import { findPackages } from './packages.js';
import { describeParts } from './parts.js';
import type { DoctorRecord, Part, ProgramRecord } from './record.js';
import { describeSettings, type FoundFile } from './settings.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is known of a program beside what can be read at once. */
export interface ProgramState {
  /** The environment as it was when the program began. */
  readonly environment: Environment;
  readonly made: ProgramRecord['made'];
  /** The endpoint; `'unknown'` where the program ended before that was known. */
  readonly endpoint: Endpoint | undefined | 'unknown';
  readonly workers: number;
  readonly replaced: readonly string[];
}

/** Describes this machine and environment, without a program. */
export function collectHere(environment: Environment = process.env): DoctorRecord {
  return {
    version: VERSION,
    machine: describeMachine(environment),
    settings: describeSettings({
      environment,
      ...fileOf(environment, process.cwd()),
      detected: detectService({ entryFile: undefined, environment }),
    }),
    obstacles: findObstacles(),
  };
}

/** Describes the program that this is called in. */
export function collectProgram(program: ProgramState): DoctorRecord {
  const { environment, made } = program;
  const { settings, running: handle, said = [], failures } = sharedState();
  const options = settings?.given as LoopsightOptions | undefined;
  const running = handle !== undefined;
  const ignored = Object.keys(settings?.ignored ?? {});
  return {
    version: VERSION,
    machine: describeMachine(environment),
    settings: describeSettings({
      ...(options === undefined ? {} : { options }),
      environment,
      environmentNow: process.env,
      ...(settings?.file === undefined ? fileOf(environment) : { file: settings.file as FoundFile }),
      detected: detectService({ entryFile: entryFile(), environment }),
    }),
    obstacles: findObstacles(),
    program: {
      pid: process.pid,
      command: [...process.execArgv, ...process.argv.slice(1)],
      made,
      running,
      parts: running ? partsOf(settings?.resolved as ResolvedOptions | undefined, program) : [notRunning(environment)],
      instrumentations: running ? instrumentationsOf(settings?.resolved as ResolvedOptions | undefined, program) : [],
      openTelemetry: describeOpenTelemetry(),
      packages: findPackages(),
      replaced: program.replaced,
      said: [
        ...said,
        ...[...failures.causes].map((cause) => `failed: ${cause}`),
        ...(ignored.length === 0
          ? []
          : [`start({ ${ignored.join(', ')} }) in the program had no effect, because Loopsight was running already`]),
      ],
    },
  };
}

function fileOf(environment: Environment, root?: string): { file?: FoundFile } {
  try {
    const file = readConfigFile({ environment, ...(root === undefined ? {} : { root }) });
    return file === undefined ? {} : { file };
  } catch (error) {
    const path = environment.LOOPSIGHT_CONFIG_FILE ?? CONFIG_FILE_NAME;
    return { file: { path, options: {}, problem: error instanceof Error ? error.message : String(error) } };
  }
}

function notRunning(environment: Environment): Part {
  const why = () => {
    if (isLauncher(process.argv)) return 'this is a launcher; the service that it starts is measured instead';
    try {
      const file = readConfigFile({ environment });
      if (resolveOptions({}, environment, file?.options) === undefined) return 'OTEL_SDK_DISABLED is true';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return 'nothing started it: node --import loopsight/register, or start() in the code';
  };
  return { name: 'Loopsight', on: false, detail: why() };
}

function partsOf(resolved: ResolvedOptions | undefined, { endpoint }: ProgramState): Part[] {
  const loopsight: Part = { name: 'Loopsight', on: true };
  // Another version of the package started it, which keeps no settings.
  if (resolved === undefined) return [loopsight];
  const { permission } = process as { readonly permission?: { has(right: string): boolean } };
  return [
    loopsight,
    ...describeParts({
      resolved,
      endpoint,
      said: sharedState().said ?? [],
      mayStartThreads: permission?.has('worker') ?? true,
      captureObstacle: captureObstacle(),
    }),
  ];
}

function instrumentationsOf(resolved: ResolvedOptions | undefined, { workers }: ProgramState): Part[] {
  if (resolved === undefined) return [];
  const { causes } = sharedState().failures;
  return INSTRUMENTATION_NAMES.map((name) => {
    if (!resolved.instrumentations[name]) return { name, on: false, detail: 'switched off' };
    if (causes.has(`the ${name} instrumentation could not start`))
      return { name, on: false, detail: 'it could not start' };
    if (name === 'worker-threads') return { name, on: true, detail: `running: ${workers}` };
    return { name, on: true };
  });
}
