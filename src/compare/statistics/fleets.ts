// How far instances of one version lie apart, as fleets of the past show it.
import { meanOf } from './summary.js';
import { type InstanceMeans, type Spread, spreadWithin } from './windows.js';

/**
 * How far instances lie apart that serve at the same time, from fleets that share no instance with `known`. However long
 * a fleet lives, it has only as many instances as it has: its windows are averaged, not added.
 */
export function spreadOfFleets(windows: readonly InstanceMeans[], known: ReadonlySet<string>): Spread {
  const fleets: { instances: Set<string>; variances: number[] }[] = [];
  for (const window of windows) {
    const spread = spreadWithin([window]);
    if (spread.df === 0 || [...window.keys()].some((instance) => known.has(instance))) continue;
    let fleet = fleets.at(-1);
    if (fleet === undefined || ![...window.keys()].some((instance) => fleet?.instances.has(instance))) {
      fleet = { instances: new Set(), variances: [] };
      fleets.push(fleet);
    }
    for (const instance of window.keys()) fleet.instances.add(instance);
    fleet.variances.push(spread.squares / spread.df);
  }
  let squares = 0;
  let df = 0;
  for (const { instances, variances } of fleets) {
    squares += meanOf(variances) * (instances.size - 1);
    df += instances.size - 1;
  }
  return { squares, df };
}
