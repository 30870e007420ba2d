// better-sqlite3: everything that it does is synchronous. Its class of statements is not exported: the first one shows it.
import type { Library } from '../../../src/loading/library.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { AnyFunction } from '../../../src/stalls/loop/checkpoint.js';
import type { WrapCall } from './wrap-call.js';

const OF_DATABASES = ['exec', 'pragma'] as const;
const OF_STATEMENTS = ['run', 'get', 'all', 'iterate'] as const;

/** The library, its calls that run SQL wrapped by `wrap`. */
export const betterSqlite3Library = (wrap: WrapCall): Library => ({
  name: 'better-sqlite3',
  from: '7.0.0',
  below: '14.0.0',
  patch(exports) {
    const prototype: unknown = Reflect.get(Object(exports), 'prototype');
    if (typeof prototype !== 'object' || prototype === null) throw new TypeError('Expected a class to be exported');
    const undos: (() => void)[] = [];
    let hasStatements = false;

    function wrapStatements(statement: object): void {
      hasStatements = true;
      const methods: object = Object.getPrototypeOf(statement);
      for (const name of OF_STATEMENTS) {
        // A method that is not there is one that cannot block.
        if (typeof Reflect.get(methods, name) !== 'function') continue;
        undos.push(
          replaceMethod(methods, name, (original) => wrap(original as AnyFunction, labelOf('Statement', name))),
        );
      }
    }

    try {
      for (const name of OF_DATABASES) {
        undos.push(
          replaceMethod(prototype, name, (original) => wrap(original as AnyFunction, labelOf('Database', name))),
        );
      }
      const undoPrepare = replaceMethod(prototype, 'prepare', (original) => {
        return function (this: unknown, ...args) {
          const statement: unknown = Reflect.apply(original, this, args);
          if (!hasStatements && typeof statement === 'object' && statement !== null) {
            try {
              wrapStatements(statement);
            } catch {
              // Statements that cannot be changed stay what they are.
            }
          }
          return statement;
        };
      });
      undos.push(undoPrepare);
    } catch (error) {
      undoAll(undos);
      throw error;
    }
    return {
      undo() {
        hasStatements = true;
        undoAll(undos);
      },
    };
  },
});

const labelOf = (kind: string, name: string): string => `better-sqlite3.${kind}.${name}`;
