// What a scrape, or a query, shows of itself: credentials from variables.
import { readSecretFile } from '../access/read-file.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The Authorization header from the variables that begin with `prefix`; undefined where none has credentials. Throws a
 * TypeError that names variable and file.
 */
export function authorizationFrom(environment: Environment, prefix = 'LOOPSIGHT'): string | undefined {
  const read = (variable: string) => {
    const path = variableOf(environment, `${variable}_FILE`);
    return path === undefined ? variableOf(environment, variable) : readSecretFile(path, `${variable}_FILE`);
  };
  const token = read(`${prefix}_TOKEN`);
  // Bytes of headers are Latin-1 in Node.
  if (token !== undefined) return `Bearer ${Buffer.from(token.trim()).toString('latin1')}`;
  const user = variableOf(environment, `${prefix}_USERNAME`);
  const password = user === undefined ? undefined : read(`${prefix}_PASSWORD`);
  return password === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function variableOf(environment: Environment, variable: string): string | undefined {
  const value = environment[variable];
  return value === undefined || value.trim() === '' ? undefined : value;
}
