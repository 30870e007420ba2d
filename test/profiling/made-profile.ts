// Profiles as V8 gives them, made from stacks such as `main@/srv/app.js > work@/srv/app.js`, one for each sample.
import type { V8Profile, V8ProfileNode } from '../../src/profile/v8-profile.js';

const SAMPLE_US = 100_000;

interface MadeNode {
  readonly id: number;
  readonly callFrame: V8ProfileNode['callFrame'];
  hitCount: number;
  readonly children: number[];
}

/** Makes a profile that begins at `atMs`, with samples 100 ms apart. */
export function madeProfile(stacks: readonly string[], { atMs = 0 } = {}): V8Profile {
  const nodes: MadeNode[] = [];
  const add = (parent: MadeNode | undefined, frame: string): MadeNode => {
    const [functionName = '', url = ''] = frame.split('@');
    const known = nodes.find(
      ({ id, callFrame }) =>
        parent?.children.includes(id) === true && callFrame.functionName === functionName && callFrame.url === url,
    );
    if (known !== undefined) return known;
    // Functions of one name begin at one line.
    const lineNumber = functionName.length;
    const callFrame = { functionName, scriptId: url, url, lineNumber, columnNumber: 0 };
    const node: MadeNode = { id: nodes.length + 1, callFrame, hitCount: 0, children: [] };
    nodes.push(node);
    parent?.children.push(node.id);
    return node;
  };
  const root = add(undefined, '(root)@');
  const samples = stacks.map((stack) => {
    const leaf = stack.split(' > ').reduce((parent, frame) => add(parent, frame), root);
    leaf.hitCount++;
    return leaf.id;
  });
  return {
    nodes,
    startTime: atMs * 1000,
    endTime: atMs * 1000 + stacks.length * SAMPLE_US,
    samples,
    timeDeltas: samples.map((_, index) => (index === 0 ? 0 : SAMPLE_US)),
  };
}
