// Profiles and updates as sources give them, from a few words.
import type { CodeOrigin, Profile, ThreadProfile } from '../../src/profile/profile.js';
import type { LoopFigures, TopUpdate } from '../../src/top/figures.js';

/** A function with its own time in milliseconds, called by the one at `parent` in the list, or by nothing. */
export interface Call {
  readonly name: string;
  readonly ms: number;
  readonly origin?: CodeOrigin;
  readonly package?: string;
  readonly file?: string;
  readonly line?: number;
  readonly parent?: number;
}

/** A profile of threads by their ids. */
export function profileOf(threads: Readonly<Record<number, readonly Call[]>>): Profile {
  const functions: Profile['functions'][number][] = [
    { name: '(root)', file: '', line: 0, column: 0, origin: 'engine', package: '' },
  ];
  const profiled = Object.entries(threads).map(([id, calls]): ThreadProfile => {
    const nodes: ThreadProfile['nodes'][number][] = [{ parent: -1, function: 0, selfUs: 0, lines: [] }];
    for (const {
      name,
      ms,
      origin = 'application',
      package: inPackage = '',
      file = '/srv/shop.js',
      line = 1,
      parent,
    } of calls) {
      const isCode = origin !== 'engine' && origin !== 'idle';
      functions.push({
        name,
        file: isCode ? file : '',
        line: isCode ? line : 0,
        column: 1,
        origin,
        package: inPackage,
      });
      const selfUs = ms * 1000;
      const lines = isCode && ms > 0 ? ([[line + 1, selfUs]] as const) : [];
      nodes.push({ parent: parent === undefined ? 0 : parent + 1, function: functions.length - 1, selfUs, lines });
    }
    return {
      thread: id === '0' ? 'main' : `worker ${id}`,
      threadId: Number(id),
      nodes,
      startUs: 0,
      samples: calls.map((_, index) => index + 1),
      sampleUs: calls.map(({ ms }) => ms * 1000),
    };
  });
  return {
    title: 'shop.js',
    root: '/srv',
    pid: 4711,
    nodeVersion: 'v24.0.0',
    unixMs: 0,
    durationUs: 1_000_000,
    intervalUs: 5000,
    functions,
    threads: profiled,
    notes: [],
  };
}

/** What one loop did. */
export function loop(threadId: number, figures: Partial<LoopFigures> = {}): LoopFigures {
  return {
    thread: threadId === 0 ? 'main' : `worker ${threadId}`,
    threadId,
    utilization: 0.5,
    lagMs: 1,
    worstLagMs: 4,
    blockedMs: 0,
    ...figures,
  };
}

export function updateOf(
  profile: Profile | undefined,
  loops: readonly LoopFigures[] = [loop(0)],
  notes: readonly string[] = [],
): TopUpdate {
  return { profile, loops, notes };
}
