// A profile as speedscope's own format (https://www.speedscope.app/file-format-schema.json): every sample in its order.
import { VERSION } from '../version.js';
import { fileOf, nameOf } from './place.js';
import type { Profile, ThreadProfile } from './profile.js';
import { piecesOf, stackOf } from './tree.js';

/** The format has the whole stack of every sample: of more frames than this, no text could be made. */
const MOST_FRAMES = 40_000_000;

export interface SpeedscopeOptions {
  /** Of more frames in all stacks, each stack is written once, with the sum of its time. @default 40 million */
  readonly mostFrames?: number;
}

/**
 * Writes a profile for speedscope, a thread each as a profile of its own; while a loop is idle its stack is empty. Where all
 * samples would be too much to write, each stack stands there once, so that times are right and their order is not told.
 */
export function writeSpeedscope(profile: Profile, { mostFrames = MOST_FRAMES }: SpeedscopeOptions = {}): string {
  const frames = profile.threads.reduce((sum, thread) => sum + framesOf(thread), 0);
  const threads = frames > mostFrames ? profile.threads.map(withoutOrder) : profile.threads;
  const file = {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name: profile.title,
    exporter: `loopsight ${VERSION}`,
    activeProfileIndex: 0,
    shared: {
      frames: profile.functions.map((code) => ({
        name: nameOf(code),
        ...(code.file === '' ? {} : { file: fileOf(code, profile) }),
        ...(code.line === 0 ? {} : { line: code.line, col: code.column }),
      })),
    },
    profiles: (threads.length > 0 ? threads : [NOTHING]).map((thread) => sampled(profile, thread)),
  };
  return `${JSON.stringify(file)}\n`;
}

// Speedscope refuses a file without any.
const NOTHING: ThreadProfile = { thread: 'main', threadId: 0, nodes: [], startUs: 0, samples: [], sampleUs: [] };

// How many frames the stacks of all samples have together; what went on is one sample.
function framesOf({ nodes, samples }: ThreadProfile): number {
  const depths = new Uint32Array(nodes.length);
  for (const [index, { parent }] of nodes.entries()) depths[index] = parent < 0 ? 0 : (depths[parent] ?? 0) + 1;
  let [frames, before] = [0, -1];
  for (const node of samples) {
    if (node !== before) frames += depths[node] ?? 0;
    before = node;
  }
  return frames;
}

const withoutOrder = (thread: ThreadProfile): ThreadProfile => ({ ...thread, samples: [], sampleUs: [] });

function sampled(profile: Profile, thread: ThreadProfile) {
  const stacks = new Map<number, readonly number[]>();
  const stackAt = (node: number): readonly number[] => {
    let stack = stacks.get(node);
    if (stack === undefined) {
      const isIdle = profile.functions[thread.nodes[node]?.function ?? -1]?.origin === 'idle';
      stack = isIdle ? [] : stackOf(thread.nodes, node).reverse();
      stacks.set(node, stack);
    }
    return stack;
  };
  const samples: (readonly number[])[] = [];
  const weights: number[] = [];
  let endValue = thread.startUs;
  let before = -1;
  for (const [node, us] of piecesOf(thread)) {
    endValue += us;
    // What went on is one sample.
    if (node === before) weights[weights.length - 1] = (weights.at(-1) ?? 0) + us;
    else {
      samples.push(stackAt(node));
      weights.push(us);
    }
    before = node;
  }
  const { startUs: startValue, thread: name } = thread;
  return { type: 'sampled', name, unit: 'microseconds', startValue, endValue, samples, weights };
}
