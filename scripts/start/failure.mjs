// Why a run of `npm start` ends before its time.

/** Ends everything: its message is the one sentence that is printed. */
export class Failure extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}
