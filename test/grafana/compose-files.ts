// docker-compose.yml and what it mounts, as the tests read it.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../support/instrumented.js';

export interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

/** A file or folder of the repository, and where a container finds it. */
export interface Mount {
  readonly service: string;
  readonly source: string;
  readonly target: string;
  readonly mode: string;
}

export interface Datasource {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly isDefault?: boolean;
  readonly jsonData: {
    readonly timeInterval?: string;
    readonly manageAlerts?: boolean;
    readonly alertmanagerUid?: string;
    readonly implementation?: string;
    readonly exemplarTraceIdDestinations?: readonly {
      readonly name: string;
      readonly datasourceUid: string;
    }[];
    readonly serviceMap?: { readonly datasourceUid: string };
    readonly tracesToMetrics?: {
      readonly datasourceUid: string;
      readonly tags: readonly { readonly key: string; readonly value: string }[];
      readonly queries: readonly { readonly name: string; readonly query: string }[];
    };
  };
}

/** Parses a file of the repository; throws where it is not YAML or names a key twice. */
export function readYaml<T>(path: string): T {
  return parse(readFileSync(join(root, path), 'utf8'), { merge: true }) as T;
}

export const services = readYaml<{ readonly services: Readonly<Record<string, Service>> }>(
  'docker-compose.yml',
).services;

/** The replicas of the demo. */
export const replicas = Object.entries(services).filter(([, { build }]) => build !== undefined);

export const mounts: readonly Mount[] = Object.entries(services).flatMap(([service, { volumes = [] }]) =>
  volumes.map((volume) => {
    const [source = '', target = '', mode = ''] = volume.split(':');
    return { service, source, target, mode };
  }),
);

/** Copies what `service` finds at `target` and below to a folder, as it finds it. */
export function copyMounted(service: string, target: string, folder: string): void {
  for (const mount of mounts) {
    if (mount.service !== service || !mount.target.startsWith(`${target}/`)) continue;
    const copy = join(folder, mount.target.slice(target.length));
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(root, mount.source), copy, { recursive: true });
  }
}

/** The file or folder that `service` finds at `target`. */
export function mountedAt(service: string, target: string): string | undefined {
  return mounts.find((mount) => mount.service === service && mount.target === target)?.source;
}

/** Every file with an ending below a folder of the repository, relative to the root. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** Where one service calls another: the host and port of every address that is not loopback. */
export function callsIn(path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const calls = [...text.matchAll(/(?:https?:\/\/|["'])([a-z][a-z-]*:\d+)\b/g)].map(([, call = '']) => call);
  return calls.filter((call) => !call.startsWith('localhost:'));
}
