// What a blocking call throws where blocking calls are not allowed.
import { replacementFor } from '../../../src/blocking-calls/replacements.js';
import type { CodePlace } from '../../../src/stalls/blame/stall-report.js';

/**
 * A call that would have blocked the event loop; it was not made.
 *
 * @example
 * const caller = { function: 'look', file: 'src/look.js', line: 3, column: 1 };
 * new BlockingCallError('fs.statSync', caller).replacement; // fs.promises.stat
 */
export class BlockingCallError extends Error {
  override readonly name = 'BlockingCallError';
  readonly code = 'ERR_LOOPSIGHT_BLOCKING_CALL';
  /** Such as `fs.readFileSync`. */
  readonly call: string;
  /** What to call instead; undefined where nothing is known. */
  readonly replacement: string | undefined;
  /** The function of the application that made the call, or called the package that did. */
  readonly caller: CodePlace;

  /** `packageFile` is the file of the package that made the call, where the application did not make it itself. */
  constructor(call: string, caller: CodePlace, packageFile?: string) {
    const replacement = replacementFor(call);
    const through = packageFile === undefined ? '' : ` through ${packageFile}`;
    const instead = replacement === undefined ? '' : ` Use ${replacement}, or allow it:`;
    super(
      `${call} blocks the event loop: called by ${caller.function} (${caller.file}:${caller.line})${through}.` +
        `${instead === '' ? ' Allow it:' : instead} allow: ['${call} in ${packageFile ?? caller.file}'].`,
    );
    this.call = call;
    this.replacement = replacement;
    this.caller = caller;
  }
}
