// The libraries whose functions block by design.
import type { Library } from '../../src/loading/library.js';
import { bcryptLibraries } from './libraries/bcrypt.js';
import { betterSqlite3Library } from './libraries/better-sqlite3.js';
import type { WrapCall } from './libraries/wrap-call.js';

/** Every library of this folder, its calls wrapped by `wrap`. */
export const blockingLibraries = (wrap: WrapCall): readonly Library[] => [
  betterSqlite3Library(wrap),
  ...bcryptLibraries(wrap),
];
