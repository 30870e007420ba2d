// A profile as pprof reads it: gzipped protocol buffers (https://github.com/google/pprof/blob/main/proto/profile.proto).
import { gzipSync } from 'node:zlib';
import { nameOf } from './place.js';
import type { Profile, ProfileNode, ThreadProfile } from './profile.js';
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
 * line and thread, and by route where that is known.
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
  for (const one of profile.threads) {
    const { thread, threadId, nodes, samples } = one;
    const hits = hitsOf(nodes.length, samples);
    const routed = routedOf(one);
    const labels = [
      new ProtobufMessage().number(LABEL.key, texts.add('thread')).number(LABEL.text, texts.add(thread)),
      new ProtobufMessage().number(LABEL.key, texts.add('thread id')).number(LABEL.number, threadId),
    ];
    for (const [index, node] of nodes.entries()) {
      if (node.selfUs <= 0 || index === 0 || profile.functions[node.function]?.origin === 'idle') continue;
      const callers = callersOf(nodes, node, beginOf);
      const ofRoutes = routed.get(index) ?? [];
      const put = (line: number, us: number, count: number, route?: string) => {
        const sample = new ProtobufMessage()
          .numbers(SAMPLE.locations, [locationAt(node.function, line), ...callers])
          .numbers(SAMPLE.values, [count, Math.round(us * US)]);
        for (const label of labels) sample.message(SAMPLE.label, label);
        if (route !== undefined) {
          const label = new ProtobufMessage()
            .number(LABEL.key, texts.add('route'))
            .number(LABEL.text, texts.add(route));
          sample.message(SAMPLE.label, label);
        }
        message.message(PROFILE.sample, sample);
      };
      let [restUs, restHits] = [node.selfUs, hits[index] ?? 0];
      const add = (line: number, us: number, count: number) => {
        restUs -= us;
        restHits -= count;
        // V8 counts lines by function and not by sample: each route has its part of all of them.
        let [unroutedUs, unroutedHits] = [us, count];
        for (const { route, us: routeUs, hits: routeHits } of ofRoutes) {
          const part = Math.min(unroutedUs, (us * routeUs) / node.selfUs);
          const partHits = Math.min(unroutedHits, Math.round((count * routeHits) / Math.max(1, hits[index] ?? 0)));
          if (part <= 0) continue;
          put(line, part, partHits, route);
          unroutedUs -= part;
          unroutedHits -= partHits;
        }
        if (ofRoutes.length === 0 || unroutedUs > 0.5 || unroutedHits > 0) put(line, unroutedUs, unroutedHits);
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

/** Time and samples of each node by route, where that is known. */
function routedOf({ samples, sampleUs, routes = [], sampleRoutes = [] }: ThreadProfile) {
  const routed = new Map<number, { readonly route: string; us: number; hits: number }[]>();
  for (const [index, place] of sampleRoutes.entries()) {
    const route = routes[place];
    const node = samples[index];
    if (route === undefined || node === undefined) continue;
    const ofNode = routed.get(node) ?? [];
    routed.set(node, ofNode);
    let known = ofNode.find((one) => one.route === route);
    if (known === undefined) {
      known = { route, us: 0, hits: 0 };
      ofNode.push(known);
    }
    known.us += sampleUs[index] ?? 0;
    known.hits++;
  }
  return routed;
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
