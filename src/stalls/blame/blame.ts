// Which code held the loop: the one that most of the stall's time was spent in, by the captures that were taken.
import { PROMPT_MS, type StallEvidence, type TimedCapture } from './evidence.js';
import { culpritIndex, type Frame, leafIndex, placeOf, readFrames } from './frames.js';
import type { CodePlace, Confidence } from './stall-report.js';

export interface Blame {
  readonly culprit: CodePlace;
  readonly leaf: CodePlace | undefined;
  readonly stack: readonly CodePlace[];
  readonly confidence: Confidence;
  /** The capture that shows the culprit. */
  readonly shown: TimedCapture;
}

export interface BlameOptions {
  /** The application's folder. */
  readonly root: string;
  /** Names a place as its source has it; for minified and compiled code. */
  readonly mapped: (frame: Frame) => Frame;
}

/** One capture by its culprit. */
export interface Sighting {
  readonly taken: TimedCapture;
  readonly culprit: CodePlace;
  readonly isLate: boolean;
}

/** Finds the culprit of each capture, in their order; captures without any frame are left out. */
export function sightingsOf(evidence: Pick<StallEvidence, 'captures'>, { root, mapped }: BlameOptions): Sighting[] {
  return evidence.captures.flatMap((taken) => {
    // By its source: in a bundle the code of packages lies in a file of the application.
    const frames = readFrames(taken.capture.frames).map(mapped);
    const frame = frames[culpritIndex(frames)];
    if (frame === undefined) return [];
    // A native call that was wrapped names itself, so that it was late does not matter.
    const hasWaited = taken.capture.atMs - taken.askedMs > PROMPT_MS;
    // What Node does between two callbacks was not what anybody waited for.
    if (hasWaited && frame.origin === 'node') return [];
    const isLate = hasWaited && frames[0]?.line !== 0;
    return [{ taken, culprit: placeOf(frame, root), isLate }];
  });
}

/** The code with the largest share of the stall; each capture stands for the time since the one before it. */
export function blameOf(
  evidence: StallEvidence,
  sightings: readonly Sighting[],
  { root, mapped }: BlameOptions,
): Blame | undefined {
  const shares = new Map<string, { ms: number; isLate: boolean; best: Sighting }>();
  let sinceMs = evidence.fromMs;
  // Node's own code is to blame only where nothing else was ever seen.
  const ofUsers = sightings.filter(({ culprit }) => !culprit.file.startsWith('node:'));
  for (const sighting of ofUsers.length > 0 ? ofUsers : sightings) {
    const { taken, culprit, isLate } = sighting;
    const key = `${culprit.function} ${culprit.file}`;
    const known = shares.get(key);
    const ms = Math.max(0, taken.capture.atMs - sinceMs) + (known?.ms ?? 0);
    sinceMs = taken.capture.atMs;
    // A stack that was seen while it ran tells more than one after a native call.
    const best = known === undefined || (known.isLate && !isLate) ? sighting : known.best;
    shares.set(key, { ms, isLate: isLate && (known?.isLate ?? true), best });
  }
  let most: { ms: number; isLate: boolean; best: Sighting } | undefined;
  for (const share of shares.values()) if (most === undefined || share.ms > most.ms) most = share;
  if (most === undefined) return undefined;

  const { best } = most;
  const frames = readFrames(best.taken.capture.frames).map(mapped);
  const innermost = frames[leafIndex(frames, culpritIndex(frames))];
  return {
    culprit: best.culprit,
    leaf: innermost === undefined ? undefined : placeOf(innermost, root),
    stack: frames.map((frame) => placeOf(frame, root)),
    confidence: most.isLate ? 'late' : 'exact',
    shown: best.taken,
  };
}
