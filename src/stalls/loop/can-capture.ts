// Where stacks can be captured without a risk to the application.

/** Versions of Node on which captures are tested; V8 may forbid JavaScript in interrupts one day. */
const TESTED_MAJORS: ReadonlySet<number> = new Set([20, 22, 24, 26]);

/** Why stacks cannot be captured in this process; undefined where they can. */
export function captureObstacle(): string | undefined {
  const { versions, features, permission } = process as typeof process & {
    readonly features: { readonly inspector?: boolean };
    readonly permission?: { has(scope: string): boolean };
  };
  for (const runtime of ['bun', 'deno', 'electron']) {
    if (versions[runtime] !== undefined) return `it is not tested on ${runtime}`;
  }
  const major = Number(/^\d+/.exec(versions.node)?.[0]);
  if (!TESTED_MAJORS.has(major)) return `it is not tested on Node ${major}`;
  if (features.inspector !== true) return 'this Node was built without an inspector';
  // Connecting without the right ends the process, and nothing can catch that.
  if (permission !== undefined && !permission.has('inspector')) {
    return 'the permission model does not allow the inspector';
  }
  return undefined;
}
