// Windows that follow each other as one profile: what was called by the same chain of callers becomes one node.
import type { V8CallFrame, V8Profile } from '../profile/v8-profile.js';

interface JoinedNode {
  readonly id: number;
  readonly callFrame: V8CallFrame;
  hitCount: number;
  readonly children: number[];
  readonly ticks: Map<number, number>;
  readonly byFrame: Map<string, JoinedNode>;
}

/** Joins profiles in their order; undefined where there are none. */
export function joinWindows(profiles: readonly V8Profile[]): V8Profile | undefined {
  const [first] = profiles;
  const last = profiles.at(-1);
  if (first === undefined || last === undefined || profiles.length === 1) return first;
  const nodes: JoinedNode[] = [];
  const roots = new Map<string, JoinedNode>();
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  let beforeUs = first.startTime;

  function nodeOf(parent: JoinedNode | undefined, callFrame: V8CallFrame): JoinedNode {
    const { functionName, scriptId, lineNumber, columnNumber } = callFrame;
    const key = `${scriptId}:${lineNumber}:${columnNumber}:${functionName}`;
    const siblings = parent?.byFrame ?? roots;
    let node = siblings.get(key);
    if (node === undefined) {
      node = { id: nodes.length + 1, callFrame, hitCount: 0, children: [], ticks: new Map(), byFrame: new Map() };
      siblings.set(key, node);
      nodes.push(node);
      parent?.children.push(node.id);
    }
    return node;
  }

  for (const profile of profiles) {
    const joined = new Map<number, JoinedNode>();
    const parents = new Map<number, number>();
    for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
    // V8 lists callers before those that they call.
    for (const { id, callFrame, hitCount = 0, positionTicks = [] } of profile.nodes) {
      const node = nodeOf(joined.get(parents.get(id) ?? Number.NaN), callFrame);
      joined.set(id, node);
      node.hitCount += hitCount;
      for (const { line, ticks } of positionTicks) node.ticks.set(line, (node.ticks.get(line) ?? 0) + ticks);
    }
    let atUs = profile.startTime;
    for (const [index, id] of (profile.samples ?? []).entries()) {
      atUs += profile.timeDeltas?.[index] ?? 0;
      samples.push(joined.get(id)?.id ?? 1);
      timeDeltas.push(atUs - beforeUs);
      beforeUs = atUs;
    }
  }
  return {
    nodes: nodes.map(({ id, callFrame, hitCount, children, ticks }) => ({
      id,
      callFrame,
      hitCount,
      ...(children.length === 0 ? {} : { children }),
      ...(ticks.size === 0 ? {} : { positionTicks: [...ticks].map(([line, count]) => ({ line, ticks: count })) }),
    })),
    startTime: first.startTime,
    endTime: last.endTime,
    samples,
    timeDeltas,
  };
}
