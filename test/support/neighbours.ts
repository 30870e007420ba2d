// The neighbours that Loopsight has to be a good guest beside: installed on demand into test/neighbours/<line>.
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, filesBelow, hashOf, isStamped, lock } from './installing.js';
import { newerNode, root } from './run-node.js';

/** The folders below test/neighbours. */
export type NeighbourLine = 'otel2' | 'otel3' | 'sentry' | 'dd-trace' | 'prom-client' | 'prometheus-io';

/** An installed neighbour, or the reason why there is none. */
export type Neighbour = { readonly folder: string; readonly node: string } | { readonly missing: string };

const NEEDS_NEWER_NODE: readonly NeighbourLine[] = ['otel3', 'dd-trace', 'prometheus-io'];

/** Installs the packages of `line` and a copy of the built Loopsight among them, unless both are there already. */
export async function installNeighbours(line: NeighbourLine): Promise<Neighbour> {
  const node = NEEDS_NEWER_NODE.includes(line) ? newerNode() : process.execPath;
  if (node === undefined) return { missing: `${line} needs Node 22.15 or newer; LOOPSIGHT_TEST_NODE24 names none` };
  const folder = join(root, 'test/neighbours', line);
  const release = await lock(join(root, 'test/neighbours', `${line}.lock`));
  try {
    // The native parts of dd-trace (profiler, security) are optional, large, and not what is tested.
    const failure = await ensurePackages(folder, line === 'dd-trace' ? ['--omit=optional'] : []);
    if (failure !== undefined) return { missing: `${line} could not be installed: ${failure}` };
    ensureLoopsight(folder);
    return { folder, node };
  } finally {
    release();
  }
}

// A link to the repository would resolve @opentelemetry/api to the repository's copy, not to the application's.
function ensureLoopsight(folder: string): void {
  const target = join(folder, 'node_modules/loopsight');
  const stamp = join(target, '.copied');
  const files = [
    join(root, 'package.json'),
    ...['esm', 'cjs'].flatMap((format) => filesBelow(join(root, 'dist', format))),
  ];
  const wanted = hashOf(files);
  if (isStamped(stamp, wanted)) return;
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const path of ['package.json', 'dist/esm', 'dist/cjs']) {
    cpSync(join(root, path), join(fresh, path), { recursive: true });
  }
  writeFileSync(join(fresh, '.copied'), wanted);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}
