// What colour a frame has: of its package, so that one module is seen everywhere, or of what changed.
import { type Code, ownerOf } from './codes.js';

export type ColourBy = 'package' | 'file';

/** A colour by its hue, and how strong it is: 0 is grey, 1 the strongest. */
export interface Paint {
  readonly hue: number;
  readonly strength: number;
}

/** One entry of the legend. */
export interface LegendEntry {
  readonly name: string;
  readonly paint: Paint;
  readonly self: number;
}

const GREY: Paint = { hue: 220, strength: 0 };
/** What a name has in every graph. */
const FIXED: Readonly<Record<string, Paint>> = {
  'Your code': { hue: 36, strength: 1 },
  Node: { hue: 130, strength: 0.3 },
  Engine: { hue: 220, strength: 0.12 },
  Threads: GREY,
  Idle: GREY,
};
/** Hues that are told apart, far from those that are fixed. */
const HUES = [205, 280, 168, 335, 80, 245, 10, 188, 308, 58, 225, 150] as const;

/** What colours go by: the file of a function, or whose it is. */
export function groupOf(code: Code, by: ColourBy): string {
  const isPlaced = by === 'file' && code.file !== '' && (code.origin === 'application' || code.origin === 'package');
  return isPlaced ? code.file : ownerOf(code);
}

/**
 * The colours of groups, dearest first. A name wants the same colour in every graph; where a dearer one has it already, it
 * takes the next.
 */
export function legendOf(codes: readonly Code[], selfByCode: ReadonlyMap<number, number>, by: ColourBy): LegendEntry[] {
  const sums = new Map<string, number>();
  codes.forEach((code, place) => {
    const self = selfByCode.get(place);
    if (self !== undefined && code.origin !== 'thread') {
      const group = groupOf(code, by);
      sums.set(group, (sums.get(group) ?? 0) + self);
    }
  });
  const taken = new Set<number>();
  return [...sums]
    .sort(([, one], [, other]) => other - one)
    .map(([name, self]) => ({ name, self, paint: FIXED[name] ?? paintOf(name, taken) }));
}

function paintOf(name: string, taken: Set<number>): Paint {
  const wanted = hash(name) % HUES.length;
  let slot = wanted;
  for (let step = 0; step < HUES.length && taken.has(slot); step++) slot = (wanted + step) % HUES.length;
  taken.add(slot);
  return { hue: HUES[slot] ?? 0, strength: 0.75 };
}

/** A number for a text, always the same one. */
export function hash(text: string): number {
  let value = 2166136261;
  for (let place = 0; place < text.length; place++) value = Math.imul(value ^ text.charCodeAt(place), 16777619);
  return value >>> 0;
}

/** A colour as CSS; functions beside each other differ a little, by `shade` from 0 to 1. */
export function css({ hue, strength }: Paint, isDark: boolean, shade: number): string {
  const light = isDark ? 30 + shade * 6 + strength * 3 : 76 + shade * 7 - strength * 5;
  return `hsl(${hue} ${Math.round(strength * (isDark ? 50 : 85))}% ${Math.round(light)}%)`;
}

const RED = 6;
const BLUE = 214;

/** Red for dearer, blue for cheaper, the stronger the larger the change is beside the largest one. */
export function changeColour(change: number, largest: number, isDark: boolean): string {
  const strength = largest === 0 ? 0 : Math.sqrt(Math.min(1, Math.abs(change) / largest));
  // Beneath that it would be noise in colour.
  if (strength < 0.12) return isDark ? 'hsl(220 5% 27%)' : 'hsl(220 8% 90%)';
  const light = isDark ? 28 + strength * 17 : 92 - strength * 32;
  return `hsl(${change > 0 ? RED : BLUE} ${Math.round(30 + strength * 50)}% ${Math.round(light)}%)`;
}
