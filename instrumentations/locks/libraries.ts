// The libraries whose locks are found by themselves.
import type { Library } from '../../src/loading/library.js';
import { asyncMutexLibrary } from './libraries/async-mutex.js';
import { ASYNC_MUTEX_TIMEOUTS } from './libraries/async-mutex-timeout.js';
import { asyncSemaLibrary } from './libraries/async-sema.js';

export const LOCK_LIBRARIES: readonly Library[] = [asyncMutexLibrary, ...ASYNC_MUTEX_TIMEOUTS, asyncSemaLibrary];
