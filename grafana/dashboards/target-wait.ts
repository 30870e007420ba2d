// The variable that holds how long tasks may wait on average.
import type { ChoiceVariable } from './variables.js';

/** The chosen wait in queries, in seconds. */
export const TARGET_WAIT = '$target_wait';

export const targetWait: ChoiceVariable = {
  name: 'target_wait',
  label: 'Target wait (s)',
  choices: ['0.01', '0.05', '0.1', '0.5', '1', '5', '30'],
  initially: '1',
};
