// The windows of one thread as one profile.
import type { V8Profile, V8ProfileNode } from '../profile/v8-profile.js';

/** Puts windows together as they come. */
export interface JoinedWindows {
  /** Adds the next window. */
  add(window: V8Profile): void;
  /** The profile, as if it had begun at `startUs` of the same clock; undefined where there was no window. */
  profile(startUs: number): V8Profile | undefined;
  /** When it began, in microseconds of the profile's clock; undefined where there was no window. */
  readonly startUs: number | undefined;
}

interface JoinedNode {
  readonly node: V8ProfileNode;
  hits: number;
  readonly children: Map<string, number>;
  readonly ticks: Map<number, number>;
}

/** The windows of one thread, whose scripts keep their ids. */
export function joinWindows(): JoinedWindows {
  const nodes: JoinedNode[] = [];
  const roots = new Map<string, number>();
  const samples: number[] = [];
  const timesUs: number[] = [];
  let startUs: number | undefined;
  let endUs = 0;
  let lastUs = Number.NEGATIVE_INFINITY;

  /** Adds the tree; returns the place of each of its ids. */
  function addTree(given: readonly V8ProfileNode[]): Map<number, number> {
    const byId = new Map(given.map((node) => [node.id, node]));
    const places = new Map<number, number>();
    const waiting: [node: V8ProfileNode, siblings: Map<string, number>][] = [];
    const [root] = given;
    if (root !== undefined) waiting.push([root, roots]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [node, siblings] = next;
      const place = placeOf(node, siblings);
      places.set(node.id, place);
      const joined = nodes[place] as JoinedNode;
      for (const { line, ticks } of node.positionTicks ?? []) {
        joined.ticks.set(line, (joined.ticks.get(line) ?? 0) + ticks);
      }
      for (const id of node.children ?? []) {
        const child = byId.get(id);
        if (child !== undefined && !places.has(id)) waiting.push([child, joined.children]);
      }
    }
    return places;
  }

  function placeOf(node: V8ProfileNode, siblings: Map<string, number>): number {
    const { functionName, scriptId, url, lineNumber, columnNumber } = node.callFrame;
    const key = `${scriptId} ${lineNumber} ${columnNumber} ${functionName} ${url}`;
    const known = siblings.get(key);
    if (known !== undefined) return known;
    siblings.set(key, nodes.length);
    return nodes.push({ node, hits: 0, children: new Map(), ticks: new Map() }) - 1;
  }

  return {
    get startUs() {
      return startUs;
    },
    add(window) {
      const places = addTree(window.nodes);
      // Windows overlap by an instant, in which both saw the same samples. Within one, V8 does not always keep the order.
      const seenUs = lastUs;
      let timeUs = window.startTime;
      for (const [index, id] of (window.samples ?? []).entries()) {
        timeUs += window.timeDeltas?.[index] ?? 0;
        const place = places.get(id);
        if (timeUs <= seenUs || place === undefined) continue;
        lastUs = Math.max(lastUs, timeUs);
        samples.push(place);
        timesUs.push(timeUs);
        (nodes[place] as JoinedNode).hits++;
      }
      startUs ??= window.startTime;
      endUs = Math.max(endUs, window.endTime);
    },
    profile(fromUs) {
      if (startUs === undefined) return undefined;
      return {
        nodes: nodes.map(({ node, hits, children, ticks }, place) => ({
          id: place + 1,
          callFrame: node.callFrame,
          hitCount: hits,
          children: [...children.values()].map((child) => child + 1),
          positionTicks: [...ticks].map(([line, count]) => ({ line, ticks: count })),
        })),
        startTime: fromUs,
        endTime: endUs,
        samples: samples.map((place) => place + 1),
        timeDeltas: timesUs.map((timeUs, index) => timeUs - (timesUs[index - 1] ?? fromUs)),
      };
    },
  };
}
