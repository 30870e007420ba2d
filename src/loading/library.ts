// What a library is to those who look for it: a package, its known versions, and how what it exports is patched.

/** A library that is found when it is loaded. */
export interface Library {
  /** Name of the package, such as `p-queue`; a copy under another name is found by the name in its manifest. */
  readonly name: string;
  /** First version that is known, such as `7.0.0`. */
  readonly from: string;
  /** First version that is not, such as `11.0.0`. */
  readonly below: string;
  /** Module within the package, such as `lib/pool.js`. @default its entry points */
  readonly file?: string;
  /**
   * Patches what the module exports, in place where it can: `module.exports` of CommonJS, the namespace of an ES module.
   * It may be called for several copies, and twice for one (its ES and its CommonJS build). When it throws, nothing of
   * it may stay; `diag` is told.
   */
  readonly patch: (exports: unknown) => LibraryPatch;
}

/** What patching one module came to. */
export interface LibraryPatch {
  /** What changes in what the module exports, for closures without a prototype: by export name; `default` is `module.exports` of CommonJS. */
  readonly exports?: Readonly<Record<string, unknown>>;
  /** Puts everything back that was patched in place; the exports are put back by who called `patch`. */
  undo(): void;
}
