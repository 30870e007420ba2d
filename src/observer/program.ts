// The observer's program. The build puts the bundled text of thread.ts in the place of the marker (scripts/build.mjs).

export const OBSERVER_PROGRAM: string = '@observer-program@';
