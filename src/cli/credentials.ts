// What a scrape shows of itself: the credentials that the endpoint was given by the same variables.
import { readSecretFile } from '../access/read-file.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The Authorization header; undefined where no variable has credentials. Throws a TypeError that names variable and file. */
export function authorizationFrom(environment: Environment): string | undefined {
  const read = (variable: string) => {
    const path = variableOf(environment, `${variable}_FILE`);
    return path === undefined ? variableOf(environment, variable) : readSecretFile(path, `${variable}_FILE`);
  };
  const token = read('LOOPSIGHT_TOKEN');
  // Bytes of headers are Latin-1 in Node.
  if (token !== undefined) return `Bearer ${Buffer.from(token.trim()).toString('latin1')}`;
  const user = variableOf(environment, 'LOOPSIGHT_USERNAME');
  const password = user === undefined ? undefined : read('LOOPSIGHT_PASSWORD');
  return password === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function variableOf(environment: Environment, variable: string): string | undefined {
  const value = environment[variable];
  return value === undefined || value.trim() === '' ? undefined : value;
}
