// A profile as pprof reads it: gzipped protocol buffers (https://github.com/google/pprof/blob/main/proto/profile.proto).
import { gzipSync } from 'node:zlib';
import { nameOf } from './place.js';
import type { Profile, ProfileNode } from './profile.js';
import { ProtobufMessage } from './protobuf.js';

/** Numbers of the fields in profile.proto. */
const PROFILE = {
  sampleType: 1,
  sample: 2,
  location: 4,
  function: 5,
  text: 6,
  timeNs: 9,
  durationNs: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultType: 14,
} as const;
const TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { locations: 1, values: 2, label: 3 } as const;
const LABEL = { key: 1, text: 2, number: 3 } as const;
const LOCATION = { id: 1, line: 4 } as const;
const LINE = { function: 1, line: 2 } as const;
const FUNCTION = { id: 1, name: 2, systemName: 3, file: 4, startLine: 5 } as const;

/** What time a profile tells of: that of the clock while a thread was not idle. */
const TIME_TYPE = 'wall';
const US = 1000;

/**
 * Writes a profile for pprof: the time in nanoseconds in which threads were not idle, and the number of samples, by stack,
 * line and thread.
 *
 * @example
 * ```ts
 * const nothing = { title: 'shop', pid: 4711, nodeVersion: '', unixMs: 0, durationUs: 0, intervalUs: 1000 };
 * const profile = { ...nothing, functions: [], threads: [], notes: [] };
 * [...writePprof(profile).subarray(0, 2)]; // [31, 139]
 * ```
 */
export function writePprof(profile: Profile): Uint8Array {
  const message = new ProtobufMessage();
  const texts = new Texts();
  const locations = new Map<string, number>();
  const locationAt = (code: number, line: number): number => {
    const key = `${code}:${line}`;
    const known = locations.get(key);
    if (known !== undefined) return known;
    const id = locations.size + 1;
    locations.set(key, id);
    const place = new ProtobufMessage().number(LINE.function, code + 1).number(LINE.line, line);
    message.message(PROFILE.location, new ProtobufMessage().number(LOCATION.id, id).message(LOCATION.line, place));
    return id;
  };
  // A caller stands where it begins: found once, because stacks have many of them.
  const begins: number[] = [];
  const beginOf = (code: number): number => {
    begins[code] ??= locationAt(code, profile.functions[code]?.line ?? 0);
    return begins[code];
  };
  const typeOf = (type: string, unit: string) =>
    new ProtobufMessage().number(TYPE.type, texts.add(type)).number(TYPE.unit, texts.add(unit));

  message
    .message(PROFILE.sampleType, typeOf('sample', 'count'))
    .message(PROFILE.sampleType, typeOf(TIME_TYPE, 'nanoseconds'));
  for (const { thread, threadId, nodes, samples } of profile.threads) {
    const hits = hitsOf(nodes.length, samples);
    const labels = [
      new ProtobufMessage().number(LABEL.key, texts.add('thread')).number(LABEL.text, texts.add(thread)),
      new ProtobufMessage().number(LABEL.key, texts.add('thread id')).number(LABEL.number, threadId),
    ];
    for (const [index, node] of nodes.entries()) {
      if (node.selfUs <= 0 || index === 0 || profile.functions[node.function]?.origin === 'idle') continue;
      const callers = callersOf(nodes, node, beginOf);
      let [restUs, restHits] = [node.selfUs, hits[index] ?? 0];
      const add = (line: number, us: number, count: number) => {
        const sample = new ProtobufMessage()
          .numbers(SAMPLE.locations, [locationAt(node.function, line), ...callers])
          .numbers(SAMPLE.values, [count, Math.round(us * US)]);
        for (const label of labels) sample.message(SAMPLE.label, label);
        message.message(PROFILE.sample, sample);
        restUs -= us;
        restHits -= count;
      };
      for (const [line, us] of node.lines) {
        add(line, us, Math.min(restHits, Math.round(((hits[index] ?? 0) * us) / node.selfUs)));
      }
      if (restUs > 0 || restHits > 0) add(profile.functions[node.function]?.line ?? 0, restUs, restHits);
    }
  }
  for (const [index, code] of profile.functions.entries()) {
    message.message(
      PROFILE.function,
      new ProtobufMessage()
        .number(FUNCTION.id, index + 1)
        .number(FUNCTION.name, texts.add(nameOf(code)))
        .number(FUNCTION.systemName, texts.add(nameOf(code)))
        .number(FUNCTION.file, texts.add(code.file))
        .number(FUNCTION.startLine, code.line),
    );
  }
  message
    .number(PROFILE.timeNs, Math.round(profile.unixMs * 1e6))
    .number(PROFILE.durationNs, Math.round(profile.durationUs * US))
    .message(PROFILE.periodType, typeOf(TIME_TYPE, 'nanoseconds'))
    .number(PROFILE.period, Math.round(profile.intervalUs * US))
    .numbers(
      PROFILE.comment,
      [profile.title, ...profile.notes].map((text) => texts.add(text)),
    )
    .number(PROFILE.defaultType, texts.add(TIME_TYPE));
  for (const text of texts.all) message.text(PROFILE.text, text);
  return gzipSync(message.bytes);
}

function callersOf(nodes: readonly ProfileNode[], node: ProfileNode, beginOf: (code: number) => number): number[] {
  const callers: number[] = [];
  // The first node stands for the thread, which is a label.
  for (let at = node.parent; at > 0; ) {
    const caller = nodes[at];
    if (caller === undefined) break;
    callers.push(beginOf(caller.function));
    at = caller.parent;
  }
  return callers;
}

function hitsOf(nodes: number, samples: readonly number[]): Uint32Array {
  const hits = new Uint32Array(nodes);
  for (const node of samples) hits[node] = (hits[node] ?? 0) + 1;
  return hits;
}

/** The table of texts, whose first one is always empty. */
class Texts {
  readonly #places = new Map<string, number>([['', 0]]);

  get all(): Iterable<string> {
    return this.#places.keys();
  }

  add(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(text, place);
    return place;
  }
}
