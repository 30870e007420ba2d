// Sums over call trees. Trees can be as deep as a recursion goes, so nothing here calls itself.
import type { ProfiledFunction, ProfileNode, ThreadProfile } from './profile.js';

/** The time of every node with all that it called, in microseconds; idle time is nobody's. */
export function totalsOf(nodes: readonly ProfileNode[], functions: readonly ProfiledFunction[]): Float64Array {
  const totals = new Float64Array(nodes.length);
  // Callers stand before what they call.
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (node === undefined) continue;
    const isIdle = functions[node.function]?.origin === 'idle';
    const total = (totals[index] ?? 0) + (isIdle ? 0 : node.selfUs);
    totals[index] = total;
    if (node.parent >= 0) totals[node.parent] = (totals[node.parent] ?? 0) + total;
  }
  return totals;
}

/**
 * Which nodes are the outermost of their kind on their stack: 1 where no caller has the same key. The totals of these alone
 * add up to a total of the kind in which a recursion counts once. A key below 0 is no kind: its nodes get 0.
 */
export function outermostOf(nodes: readonly ProfileNode[], keyOf: (node: ProfileNode) => number): Uint8Array {
  const outermost = new Uint8Array(nodes.length);
  const keys = nodes.map(keyOf);
  const onStack = new Map<number, number>();
  walk(nodes, {
    enter(index) {
      const key = keys[index] ?? -1;
      if (key < 0) return;
      const before = onStack.get(key) ?? 0;
      outermost[index] = before === 0 ? 1 : 0;
      onStack.set(key, before + 1);
    },
    leave(index) {
      const key = keys[index] ?? -1;
      if (key >= 0) onStack.set(key, (onStack.get(key) ?? 1) - 1);
    },
  });
  return outermost;
}

/** What is told of a walk through a tree. */
export interface Visitor {
  enter(index: number): void;
  leave?(index: number): void;
}

/** Walks through a tree, callers first. */
export function walk(nodes: readonly ProfileNode[], { enter, leave }: Visitor): void {
  const firstChild = new Int32Array(nodes.length).fill(-1);
  const nextSibling = new Int32Array(nodes.length).fill(-1);
  const roots: number[] = [];
  for (let index = nodes.length - 1; index >= 0; index--) {
    const parent = nodes[index]?.parent ?? -1;
    if (parent < 0) roots.push(index);
    else {
      nextSibling[index] = firstChild[parent] ?? -1;
      firstChild[parent] = index;
    }
  }
  for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
    let index = root;
    enter(index);
    for (;;) {
      const child = firstChild[index] ?? -1;
      if (child !== -1) {
        index = child;
        enter(index);
        continue;
      }
      leave?.(index);
      let sibling = nextSibling[index] ?? -1;
      while (sibling === -1 && index !== root) {
        index = nodes[index]?.parent ?? root;
        leave?.(index);
        sibling = index === root ? -1 : (nextSibling[index] ?? -1);
      }
      if (sibling === -1) break;
      index = sibling;
      enter(index);
    }
  }
}

/** What was seen of a thread, piece by piece: a node and for how long; by node where the samples were not kept. */
export function* piecesOf(thread: ThreadProfile): Generator<readonly [node: number, us: number]> {
  if (thread.samples.length > 0) {
    for (const [index, node] of thread.samples.entries()) yield [node, thread.sampleUs[index] ?? 0];
    return;
  }
  for (const [index, { selfUs }] of thread.nodes.entries()) if (selfUs > 0) yield [index, selfUs];
}

/** Calls the listener with the stack of a node: its functions, innermost first, without the node of the thread. */
export function stackOf(nodes: readonly ProfileNode[], index: number): number[] {
  const stack: number[] = [];
  for (let at = index; at > 0; ) {
    const node = nodes[at];
    if (node === undefined) break;
    stack.push(node.function);
    at = node.parent;
  }
  return stack;
}
