// Both versions by the time since their deploys: the baseline is moved to where the candidate began.
import { BY_JOB, LABELS } from '../../labels.js';
import type { Section } from '../../layout.js';
import type { Unit } from '../../panels/shared.js';
import { timeSeries } from '../../panels/time-series.js';
import { type Queries, RATE_INTERVAL } from '../../queries.js';
import { COLORS } from '../../thresholds.js';
import { SHIFT } from '../../version-choice.js';
import { activePerRequest, lagP99, type Measure, requestsPerLoop, stalledShare } from './measures.js';

const JOB = `{{${LABELS.job}}}`;

export function overlays(queries: Queries): Section {
  const candidate = queries.choosing({ version: 'candidate' });
  const baseline = queries.choosing({ version: 'baseline' });
  const overlay = (id: number, title: string, unit: Unit, measure: Measure, description: string) =>
    timeSeries({
      id,
      title,
      description,
      unit,
      colors: [COLORS.vermillion, COLORS.blue],
      queries: [
        { expr: measure(candidate, BY_JOB, { range: RATE_INTERVAL }), legend: `${JOB} candidate` },
        {
          expr: measure(baseline, BY_JOB, { range: RATE_INTERVAL, offset: SHIFT }),
          legend: `${JOB} baseline, moved`,
        },
      ],
    });
  return {
    id: 20,
    title: 'By the time since the deploy',
    lines: [
      {
        height: 8,
        panels: [
          overlay(
            2001,
            'Active loop time per request, both versions',
            's',
            activePerRequest,
            'Both versions from their start on: the baseline is moved in time to where the candidate began. Apart from the first minutes on: the version. Apart later: what happened then, such as load or a dependency.',
          ),
          overlay(
            2002,
            'Lag p99, both versions',
            's',
            lagP99,
            'What one arrival in a hundred waits, each version from its start on. A candidate that starts higher and comes down only needs to warm up.',
          ),
        ],
      },
      {
        height: 8,
        panels: [
          overlay(
            2003,
            'Time in stalls, both versions',
            'percentunit',
            stalledShare,
            'Share of the time in stalls, each version from its start on. Which code it was is in the table of stalls that moved most, and in the dashboard of stalls.',
          ),
          overlay(
            2004,
            'Load on each loop, both versions',
            'reqps',
            requestsPerLoop,
            'Requests a second on each loop, each version from its start on. Where these two lie apart, so will lag; that alone is no reason to roll back.',
          ),
        ],
      },
    ],
  };
}
