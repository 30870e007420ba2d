// bcrypt and bcryptjs: each hash takes tens of milliseconds by design. An ES module's default export of bcryptjs is an
// object of its own that cannot be reached; there only what is imported by name is seen.
import type { Library } from '../../../src/loading/library.js';
import type { AnyFunction } from '../../../src/stalls/loop/checkpoint.js';
import type { WrapCall } from './wrap-call.js';

const NAMES = ['hashSync', 'compareSync', 'genSaltSync'] as const;
const PACKAGES = [
  { name: 'bcrypt', from: '3.0.0', below: '7.0.0' },
  { name: 'bcryptjs', from: '2.4.0', below: '4.0.0' },
] as const;

/** Both packages, their synchronous functions wrapped by `wrap`. */
export const bcryptLibraries = (wrap: WrapCall): readonly Library[] =>
  PACKAGES.map((versions) => ({
    ...versions,
    patch(exports) {
      const functions = NAMES.flatMap((name): [string, AnyFunction][] => {
        const original: unknown = Reflect.get(Object(exports), name);
        return typeof original === 'function' ? [[name, original as AnyFunction]] : [];
      });
      if (functions.length === 0) throw new TypeError(`Expected ${versions.name} to export \`${NAMES[0]}\``);
      const wrapped = functions.map(([name, original]) => [name, wrap(original, `${versions.name}.${name}`)]);
      return { exports: Object.fromEntries(wrapped), undo() {} };
    },
  }));
