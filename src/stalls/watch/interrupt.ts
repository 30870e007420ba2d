// Runs the capture function on top of what a blocked thread is running: an inspector session without a port, for as long as
// one answer takes. V8 serves it between any two statements of the thread.
import { Session } from 'node:inspector';
import { CAPTURE_EXPRESSION } from '../loop/capture.js';

/** Whom to ask: the main thread, or a worker by its thread id. */
export type Target = 'main' | number;

/** The answer: JSON of a RawCapture; undefined when the thread has no capture function or could not be reached. */
export type OnAnswer = (json: string | undefined) => void;

/** Asks `target` for a capture; returns a function that gives up and closes the session. Throws where sessions are refused. */
export function interrupt(target: Target, onAnswer: OnAnswer): () => void {
  const session = new Session();
  const workers = new Set<string>();
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    // The sessions in workers end by this alone: neither NodeWorker.disable nor the end of ours ends them.
    for (const sessionId of workers) session.post('NodeWorker.detach', { sessionId });
    session.disconnect();
  };
  const finish = (json: string | undefined) => {
    if (closed) return;
    close();
    onAnswer(json);
  };
  session.connectToMainThread();
  session.on('NodeWorker.attachedToWorker', ({ params }) => workers.add(params.sessionId));
  if (target === 'main') askMain(session, finish);
  else askWorker(session, target, finish, () => closed);
  return close;
}

const EVALUATION = { expression: CAPTURE_EXPRESSION, returnByValue: true, silent: true } as const;

interface Evaluated {
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: unknown;
}

interface Answer {
  readonly id?: number;
  readonly result?: Evaluated;
  readonly error?: { readonly message: string };
}

const textOf = ({ result, exceptionDetails }: Evaluated): string | undefined =>
  typeof result?.value === 'string' && exceptionDetails === undefined ? result.value : undefined;

// `worker.terminate()`, or the timeout of `vm`, that came while the capture function ran: the evaluation has swallowed it, and
// a loop without an end would go on for ever. V8 tells of it in one of two ways.
const wasTerminated = ({ result, exceptionDetails }: Evaluated, error: string | undefined): boolean =>
  error === undefined ? exceptionDetails !== undefined && result?.value === 'illegal access' : /terminated/.test(error);
const TERMINATE = 'Runtime.terminateExecution';

function askMain(session: Session, finish: OnAnswer): void {
  session.post('Runtime.evaluate', EVALUATION, (error, answer) => {
    const evaluated: Evaluated = error === null ? (answer as Evaluated) : {};
    if (wasTerminated(evaluated, error?.message)) session.post(TERMINATE);
    finish(textOf(evaluated));
  });
}

// The main thread relays: it knows the workers that it has created. Its own stack may be blocked meanwhile.
function askWorker(session: Session, threadId: number, finish: OnAnswer, isClosed: () => boolean): void {
  let asked = false;
  const leave = (json: string | undefined) => {
    // Closing a session fails what it was asked and has not answered, in a later turn.
    if (isClosed()) return;
    session.post('NodeWorker.disable', () => finish(json));
  };
  const send = (sessionId: string, id: number, method: string, params: object) =>
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method, params }) });
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    if (threadIdOf(params.workerInfo.title) !== threadId) return;
    asked = true;
    send(params.sessionId, 1, 'Runtime.evaluate', EVALUATION);
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { id, result = {}, error } = JSON.parse(params.message) as Answer;
    if (id !== 1) return;
    if (wasTerminated(result, error?.message)) send(params.sessionId, 2, TERMINATE, {});
    leave(textOf(result));
  });
  session.on('NodeWorker.detachedFromWorker', () => {
    if (asked) finish(undefined);
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
    if (error !== null || !asked) leave(undefined);
  });
}

// `[worker 3] name` since Node 20, `Worker 3` before.
function threadIdOf(title: string): number {
  return Number(/^(?:\[worker |Worker )(\d+)/i.exec(title)?.[1] ?? Number.NaN);
}
