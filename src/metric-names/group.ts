// The processes of a group that share an endpoint.
import type { MetricDefinition } from './definition.js';

export const GROUP_METRICS = {
  groupMemberUp: {
    name: 'loopsight.group.member.up',
    unit: '',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description:
      'Whether the process of this slot was heard of in the last 2 s by the one that serves the endpoint of its group; 0 for one that does not answer, and for 5 minutes for one that has ended.',
  },
  groupMemberAge: {
    name: 'loopsight.group.member.age',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description: 'Age of the figures that are shown of the process of this slot.',
  },
  groupMemberServing: {
    name: 'loopsight.group.member.serving',
    unit: '',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description: 'Whether the process of this slot serves the endpoint of its group.',
  },
} as const satisfies Record<string, MetricDefinition>;
