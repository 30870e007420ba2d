// How long blocks are, and how much of the past is looked at: what scrapes can tell, and what can be asked for and kept. Pure.

import type { Stretch } from '../sides.js';
import { shownLength } from '../times.js';
import { UnreadableData } from '../unreadable.js';

/** What the sides are like. */
export interface SidesShape {
  /** The length that was asked for, seconds; undefined where we choose. */
  readonly askedS: number | undefined;
  /** Time between two scrapes, seconds. */
  readonly intervalS: number;
  /** The longer of the sides, seconds. */
  readonly longestS: number;
  /** Values that a block's time takes about, of all instances. */
  readonly valuesOfBlock: number;
}

/** What the past is asked for. */
export interface PastShape {
  /** The length of the sides' blocks that was asked for, seconds; undefined where we chose. */
  readonly blockS: number | undefined;
  /** The length of the sides' blocks, seconds. */
  readonly usedS: number;
  /** How much of the past was asked for, seconds. */
  readonly pastS: number;
  readonly valuesOfBlock: number;
}

/** At least this many scrapes make a block. */
const SCRAPES_OF_A_BLOCK = 4;
const BLOCKS_S = [60, 150, 300] as const;
const MINUTE_S = 60;
const LONG_BLOCK_S = 300;
const PAST_BLOCKS = 5;
const ENOUGH_PAST_S = 2 * 86_400;
/** Of one side, as many values as fit into the memory of a small machine. */
const SIDE_VALUES = 1_500_000;
/** Of the past, as many values as take some seconds to ask for. */
const PAST_VALUES = 1_500_000;

/** The length of the sides' blocks, seconds. Throws UnreadableData where one that was asked for makes too many of them. */
export function blockLength({ askedS, intervalS, longestS, valuesOfBlock }: SidesShape): number {
  // That many of them, at most.
  const leastS = (longestS * Math.max(1, valuesOfBlock)) / SIDE_VALUES;
  if (askedS !== undefined) {
    if (askedS >= leastS) return askedS;
    throw new UnreadableData(
      `${shownLength(Math.round(longestS))} in blocks of ${shownLength(askedS)} are too much to compare; choose a shorter --window or a longer --block.`,
    );
  }
  const ofScrapes = intervalS * SCRAPES_OF_A_BLOCK;
  // A scrape more or less in the time that was looked at is no other interval.
  const wantedS = Math.max(ofScrapes * 0.9, leastS);
  return BLOCKS_S.find((blockS) => blockS >= wantedS) ?? Math.ceil(Math.max(ofScrapes, leastS) / MINUTE_S) * MINUTE_S;
}

/**
 * The past before `endS`, and the length of its blocks: as short as those of the sides, if that leaves enough of the past;
 * both are joined to the longer ones.
 */
export function pastOf(
  endS: number,
  { blockS, usedS, pastS, valuesOfBlock }: PastShape,
): { readonly stretch: Stretch; readonly blockS: number } {
  const most = Math.max(1, Math.floor(PAST_VALUES / Math.max(1, valuesOfBlock)));
  const longS = blockS === undefined ? Math.max(LONG_BLOCK_S, usedS) : usedS * PAST_BLOCKS;
  const chosenS = most * usedS >= Math.min(pastS, ENOUGH_PAST_S) ? usedS : longS;
  return { stretch: { startS: Math.max(0, endS - Math.min(pastS, most * chosenS)), endS }, blockS: chosenS };
}
