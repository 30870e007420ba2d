// How places in the code of a process on this machine are named.

import { rootOf } from '../../attach/root-of.js';
import { createSourceMapper } from '../../stalls/blame/source-maps.js';
import type { PlaceOptions } from '../thread-state.js';

/** Names below the folder of the application, mapped through source maps. */
export const placeOptionsOf = (pid: number): PlaceOptions => ({ root: rootOf(pid), mapped: createSourceMapper() });
