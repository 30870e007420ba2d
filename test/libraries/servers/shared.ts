// One server for all tests of a file: it is started by the first that asks and stopped after the last.
import { after, type TestContext } from 'node:test';
import type { DatabaseServer } from './server.js';

type Start = (t: TestContext) => Promise<DatabaseServer | undefined>;

/** As `start`, for the tests of a file that run one after the other. */
export function shared(start: Start): Start {
  let running: DatabaseServer | undefined;
  after(() => running?.[Symbol.asyncDispose]());
  return async (t) => {
    running ??= await start(t);
    return running === undefined ? undefined : { ...running, [Symbol.asyncDispose]: async () => {} };
  };
}
