// Random processes in time, and the time of day.
import type { Random } from './random.js';

export const DAY_S = 86_400;

/** A value that wanders around 0 with the given spread and forgets itself within `timeS`; ask for times in order. */
export interface Wandering {
  at(timeS: number): number;
}

/** An Ornstein-Uhlenbeck process, exact at the times that are asked for. */
export function createWandering(spread: number, timeS: number, random: Random): Wandering {
  let value = spread * random.normal();
  let last: number | undefined;
  return {
    at(nowS) {
      const kept = last === undefined ? 1 : Math.exp(-(nowS - last) / timeS);
      value = kept * value + spread * Math.sqrt(1 - kept ** 2) * random.normal();
      last = nowS;
      return value;
    },
  };
}

/** The shape of a day: 1 at its peak, -1 at its lowest, with a second, smaller hump. */
export function shapeOfDay(timeS: number): number {
  const turn = (2 * Math.PI * timeS) / DAY_S;
  return 0.85 * Math.sin(turn) + 0.15 * Math.sin(2 * turn + 1);
}
