// Profiles made up for the tests of pages: of any size, always the same, with names that programs could have.
import type { CodeOrigin, Profile, ProfiledFunction, ProfileNode, ThreadProfile } from '../../src/profile/profile.js';

export interface MadeFunction {
  readonly name: string;
  readonly package?: string;
  readonly origin?: CodeOrigin;
  readonly file?: string;
}

/** A tree of calls: own time in microseconds, and what was called. */
export interface MadeCall extends MadeFunction {
  readonly selfUs?: number;
  readonly calls?: readonly MadeCall[];
}

/** The profile of threads whose calls are given; each ran its calls one after the other. */
export function madeProfile(
  threads: Readonly<Record<string, readonly MadeCall[]>>,
  facts: Partial<Profile> = {},
): Profile {
  const functions: ProfiledFunction[] = [];
  const known = new Map<string, number>();
  const functionOf = ({ name, package: owner = '', origin, file }: MadeFunction): number => {
    const found = known.get(`${name} ${owner}`);
    if (found !== undefined) return found;
    known.set(`${name} ${owner}`, functions.length);
    const kind = origin ?? (owner === '' ? 'application' : owner === 'node' ? 'node' : 'package');
    const where = file ?? (owner === '' ? 'src/app.js' : `node_modules/${owner}/index.js`);
    const isPlaced = kind !== 'engine' && kind !== 'idle';
    return (
      functions.push({
        name,
        file: isPlaced ? where : '',
        line: isPlaced ? functions.length + 1 : 0,
        column: isPlaced ? 1 : 0,
        origin: kind,
        package: owner,
      }) - 1
    );
  };
  const root = functionOf({ name: '(root)', origin: 'engine' });
  const made = Object.entries(threads).map(([thread, calls], threadId): ThreadProfile => {
    const nodes: ProfileNode[] = [{ parent: -1, function: root, selfUs: 0, lines: [] }];
    const samples: number[] = [];
    const sampleUs: number[] = [];
    const add = (call: MadeCall, parent: number): void => {
      const { selfUs = 0 } = call;
      const place = nodes.push({
        parent,
        function: functionOf(call),
        selfUs,
        lines: selfUs > 0 ? [[10, selfUs]] : [],
      });
      if (selfUs > 0) {
        samples.push(place - 1);
        sampleUs.push(selfUs);
      }
      for (const inner of call.calls ?? []) add(inner, place - 1);
    };
    for (const call of calls) add(call, 0);
    return { thread, threadId, nodes, startUs: 0, samples, sampleUs };
  });
  const durationUs = Math.max(...made.map(({ sampleUs }) => sampleUs.reduce((sum, us) => sum + us, 0)));
  return {
    title: 'made.js',
    pid: 4711,
    nodeVersion: 'v24.21.0',
    unixMs: 1_790_000_000_000,
    durationUs,
    intervalUs: 1000,
    functions,
    threads: made,
    notes: [],
    ...facts,
  };
}

const OWNERS = ['', '', '', 'fastify', 'pino', '@acme/render', 'node', 'node', 'ajv', 'zod', 'undici'];

/** Calls as wide and deep as those of an application: about `count` of them. */
export function madeCalls(count: number, seed = 1): readonly MadeCall[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let left = count;
  const grow = (depth: number): MadeCall => {
    left--;
    const owner = OWNERS[Math.floor(random() * OWNERS.length)] ?? '';
    const calls: MadeCall[] = [];
    const children = depth > 45 ? 0 : Math.floor(random() * (depth < 4 ? 7 : 3.05));
    for (let child = 0; child < children && left > 0; child++) calls.push(grow(depth + 1));
    return {
      name: `${['handle', 'render', 'parse', 'validate', 'write', 'find'][Math.floor(random() * 6)]}${Math.floor(random() * 400)}`,
      package: owner,
      selfUs: random() < 0.6 ? Math.floor(random() ** 4 * 20_000) : 0,
      calls,
    };
  };
  const all: MadeCall[] = [];
  while (left > 0) all.push(grow(0));
  return all;
}
