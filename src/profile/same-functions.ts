// Which functions of two profiles are the same ones: by name and file; where a file has several of a name, such as those
// without one, by their place, as far as the lines around them have moved. A profile knows only functions that were seen
// running, so that the second of a name in one need not be the second in the other.
import { withoutContentHash } from '../stalls/blame/code-names.js';
import { fileOf, nameOf } from './place.js';
import type { Profile, ProfiledFunction } from './profile.js';

interface Placed {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** A function that is alone in having its name, on both sides: the lines near it have moved as far as it has. */
interface Anchor {
  readonly line: number;
  readonly moved: number;
}

/** Functions by what both sides call the same, in the order of the source. */
type Groups = ReadonlyMap<string, readonly Placed[]>;

/** Names for the functions of two profiles, by their places in the lists: the same name is the same function. */
export function sameFunctions(before: Profile, after: Profile): readonly [readonly string[], readonly string[]] {
  const [groups, others] = [groupsOf(before), groupsOf(after)];
  const anchors = anchorsOf(before, groups, others);
  const names: [string[], string[]] = [[], []];
  for (const key of new Set([...groups.keys(), ...others.keys()])) {
    const [own, theirs] = [groups.get(key) ?? [], others.get(key) ?? []];
    const file = fileKey(key);
    const pairs = pairsOf(own, theirs, anchors.get(file) ?? []);
    for (const [at, { index }] of own.entries()) names[0][index] = `${key}\n${at}`;
    for (const [at, { index }] of theirs.entries()) {
      const same = pairs.get(index);
      names[1][index] = same === undefined ? `${key}\n+${at}` : (names[0][same] ?? '');
    }
  }
  return names;
}

const keyOf = (code: ProfiledFunction, profile: Profile): string =>
  `${withoutContentHash(fileOf(code, profile))}\n${code.origin}\n${nameOf(code)}`;

const fileKey = (key: string): string => key.slice(0, key.indexOf('\n'));

function groupsOf(profile: Profile): Groups {
  const groups = new Map<string, Placed[]>();
  for (const [index, code] of profile.functions.entries()) {
    const key = keyOf(code, profile);
    const group = groups.get(key);
    const placed = { index, line: code.line, column: code.column };
    if (group === undefined) groups.set(key, [placed]);
    else group.push(placed);
  }
  for (const group of groups.values()) group.sort((a, b) => a.line - b.line || a.column - b.column);
  return groups;
}

function anchorsOf({ functions }: Profile, groups: Groups, others: Groups): ReadonlyMap<string, readonly Anchor[]> {
  const anchors = new Map<string, Anchor[]>();
  for (const [key, [own, ...more]] of groups) {
    const [other, ...moreOthers] = others.get(key) ?? [];
    if (own === undefined || other === undefined || more.length + moreOthers.length > 0) continue;
    if (functions[own.index]?.name === '') continue;
    const ofFile = anchors.get(fileKey(key)) ?? [];
    ofFile.push({ line: own.line, moved: other.line - own.line });
    anchors.set(fileKey(key), ofFile);
  }
  for (const ofFile of anchors.values()) ofFile.sort((a, b) => a.line - b.line);
  return anchors;
}

// Which of `theirs` is which of `own`, by their indexes.
function pairsOf(own: readonly Placed[], theirs: readonly Placed[], anchors: readonly Anchor[]): Map<number, number> {
  const pairs = new Map<number, number>();
  if (own.length > 1 || theirs.length > 1) {
    const byPlace = new Map<string, number[]>();
    for (const { index, line, column } of [...theirs].reverse()) {
      const place = `${line}:${column}`;
      byPlace.set(place, [...(byPlace.get(place) ?? []), index]);
    }
    for (const { index, line, column } of own) {
      const found = movesAt(anchors, line)
        .map((moved) => byPlace.get(`${line + moved}:${column}`))
        .find((others) => others !== undefined && others.length > 0);
      const other = found?.pop();
      if (other !== undefined) pairs.set(other, index);
    }
  }
  // Where nothing is known, their order is as good a guess as any.
  if (pairs.size > 0) return pairs;
  for (const [at, { index }] of theirs.entries()) {
    const same = own[at];
    if (same !== undefined) pairs.set(index, same.index);
  }
  return pairs;
}

// As far as what stands before it, and what stands behind it; not at all where neither is known.
function movesAt(anchors: readonly Anchor[], line: number): number[] {
  let [from, to] = [0, anchors.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((anchors[middle]?.line ?? 0) <= line) from = middle + 1;
    else to = middle;
  }
  const near = [anchors[from - 1], anchors[from]].flatMap((anchor) => (anchor === undefined ? [] : [anchor.moved]));
  return near.length === 0 ? [0] : near;
}
