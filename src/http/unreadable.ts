// The one error of asking a server, or of reading what it said: what could not be had, in a sentence for the person who asked.

/** Why there is no answer that could be used. */
export class UnreadableData extends Error {
  override readonly name: string = 'UnreadableData';
  /** Whether it may be there a little later, as opposed to a server that is not there. */
  readonly mayCome: boolean = false;
}
