// What PM2 tells an instance about itself. In its cluster mode preloaded code runs before PM2 has unpacked the variables.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** An instance of a PM2 application. */
export interface Pm2Instance {
  /** The folder of the PM2 that started it; empty where it is not told. */
  readonly home: string;
  readonly name: string;
  readonly namespace: string;
  /** Which of the application's instances it is; kept over restarts. */
  readonly instance: string;
  /** The application's own entry file. */
  readonly entryFile: string;
}

/**
 * What `environment` tells of the instance that a process is, or belongs to: children inherit the variables.
 * Undefined without PM2; never throws.
 *
 * @example
 * pm2Instance({ pm_id: '3', name: 'api', NODE_APP_INSTANCE: '1' })?.instance; // 1
 */
export function pm2Instance(environment: Environment): Pm2Instance | undefined {
  const variables = environment.pm2_env === undefined ? environment : parse(environment.pm2_env);
  const read = (key: string) => {
    const value = variables[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const name = read('name');
  const id = read('pm_id');
  if (name === '' || id === '') return undefined;
  const instance = firstOf(read(read('instance_var')), read('NODE_APP_INSTANCE'), id);
  const home = firstOf(read('PM2_HOME'), environment.PM2_HOME ?? '');
  return { home, name, namespace: read('namespace'), instance, entryFile: read('pm_exec_path') };
}

/** The variables that the application will have: in its cluster mode PM2 brings most of them packed into one. */
export function applicationEnvironment(environment: Environment = process.env): Environment {
  if (environment.pm2_env === undefined) return environment;
  const packed = Object.entries(parse(environment.pm2_env)).filter(
    (entry): entry is [string, string | number | boolean] => ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return { ...environment, ...Object.fromEntries(packed.map(([key, value]) => [key, String(value)])) };
}

/** Whether the process `parentPid` is the PM2 that has its folder in `home`; also true where that cannot be found out. */
export function isPm2(home: string, parentPid: number): boolean {
  try {
    return Number.parseInt(readFileSync(join(home, 'pm2.pid'), 'utf8'), 10) === parentPid;
  } catch {
    return true;
  }
}

/** The file that the application begins with: PM2 loads it from a file of its own. */
export function entryFile(
  argv: readonly string[] = process.argv,
  environment: Environment = process.env,
): string | undefined {
  const started = argv[1];
  if (started === undefined || !/[\\/]ProcessContainer\w*\.js$/.test(started)) return started;
  return firstOf(pm2Instance(environment)?.entryFile ?? '', started);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function firstOf(...texts: readonly string[]): string {
  return texts.find((text) => text !== '') ?? '';
}
