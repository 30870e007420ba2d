// The names of a test of node:test.

/** What hooks of node:test are given of a test. */
export interface NodeTestContext {
  readonly name: string;
  /** From Node 22 on. */
  readonly fullName?: string;
  /** From Node 22.6 on. */
  readonly filePath?: string;
  diagnostic(message: string): void;
}

/** The names of the suites and the test, with `›` between them; of an older Node the name of the test. */
export function fullNameOf({ name, fullName }: NodeTestContext): string {
  return fullName === undefined ? name : fullName.split(' > ').join(' › ');
}
