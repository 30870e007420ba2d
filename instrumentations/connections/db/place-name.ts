// Names a pool that says nothing of itself by the place that made it, or that first asked it for something.
import type { AnyFunction } from '../../../src/loading/replace.js';
import { creatorName } from '../../queues/creator-name.js';
import type { PoolIdentity } from './pool-identity.js';

/**
 * The place that called the function `below`, which is on the stack; where there is none, `library`. Pools do not tell
 * their library, so places of one file are told apart whatever the library.
 */
export function namedByPlace(below: AnyFunction, library: string): PoolIdentity {
  const place = creatorName(below);
  return { name: place === 'unknown' ? library : place };
}
