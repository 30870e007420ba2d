// A profile without our own probes in it: what they took counts as the engine's.
import type { V8CallFrame, V8Profile } from '../profile/v8-profile.js';
import { PROBE_URL } from './expressions.js';

const PROGRAM: V8CallFrame = { functionName: '(program)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

/** The profile with its samples, where none of them is charged to a probe. */
export function withoutProbes(profile: V8Profile): V8Profile {
  if (!profile.nodes.some(({ callFrame }) => callFrame.url === PROBE_URL)) return profile;
  const nodes = profile.nodes.map((node) => {
    if (node.callFrame.url !== PROBE_URL) return node;
    const { id, hitCount = 0, children = [] } = node;
    return { id, hitCount, children, callFrame: PROGRAM };
  });
  return { ...profile, nodes };
}
