// The candidate against the baseline, in tiles.
import { BY_JOB } from '../../labels.js';
import type { Section } from '../../layout.js';
import { change } from '../../panels/change.js';
import type { Queries } from '../../queries.js';
import { activePerRequest, gcPerRequest, lagP99, requestsPerLoop, slowMoments, timesOf } from './measures.js';

/** As `loopsight compare` has it. */
const SLOW_FLOOR = 0.002;

export function verdict(queries: Queries): Section {
  const of = (measure: typeof lagP99, floor?: number) => timesOf(measure, queries, BY_JOB, floor);
  return {
    id: 18,
    title: 'Is the candidate worse than the baseline?',
    lines: [
      {
        height: 5,
        panels: [
          change({
            id: 1801,
            title: 'Active loop time per request',
            description:
              'How many times as much of the loop each request takes, over the time range. The figure that moves least with the load: growth here is more work for each request. `loopsight compare` says whether it is more than chance.',
            expr: of(activePerRequest),
          }),
          change({
            id: 1802,
            title: 'Lag p99',
            description:
              'How many times as long one arrival in a hundred waits for the loop. It grows with the load as well: look at the tile on the right before you blame the version.',
            expr: of(lagP99),
          }),
          change({
            id: 1803,
            title: 'Share of slow moments',
            description:
              'How many times as many moments are slow: an arrival waits longer than 100 ms. Two in a thousand are added to both, so that hardly any after none is no alarm; the table below has the shares themselves.',
            expr: of(slowMoments, SLOW_FLOOR),
          }),
          change({
            id: 1804,
            title: 'Garbage collection per request',
            description:
              'How many times as much garbage collection each request costs. More: more objects, or a heap that is nearly full. A leak shows under memory in the overview.',
            expr: of(gcPerRequest),
          }),
          change({
            id: 1805,
            title: 'Load on each loop',
            description:
              'How many times as many requests a second each loop of the candidate has. Beyond a fifth, up or down, lag and slow moments compare loads, not versions; active loop time per request still holds.',
            expr: of(requestsPerLoop),
            judged: false,
          }),
        ],
      },
    ],
  };
}
