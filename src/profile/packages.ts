// Whose code a function is, by the path of its file.
import type { CodeOrigin } from './profile.js';

/** The package of Node's own code. */
export const NODE_PACKAGE = 'node';

/** Whose code a file holds; a file without a name is the engine's. */
export function originOfFile(file: string): CodeOrigin {
  if (file === '' || file === 'native') return 'engine';
  if (file.startsWith('node:')) return 'node';
  return packageOfFile(file) === '' ? 'application' : 'package';
}

/**
 * The npm package that a file belongs to, with its scope: the innermost one; empty for the application's own.
 *
 * @example
 * ```ts
 * packageOfFile('/srv/shop/node_modules/@acme/cart/index.js'); // '@acme/cart'
 * ```
 */
export function packageOfFile(file: string): string {
  if (file.startsWith('node:')) return NODE_PACKAGE;
  const normal = file.replaceAll('\\', '/');
  const at = normal.lastIndexOf('/node_modules/');
  const begin = at === -1 ? (normal.startsWith('node_modules/') ? 0 : -1) : at + 1;
  if (begin === -1) return '';
  const [scope = '', name = ''] = normal.slice(begin + 'node_modules/'.length).split('/', 2);
  return scope.startsWith('@') && name !== '' ? `${scope}/${name}` : scope;
}
