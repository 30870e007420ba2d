// The threads that are reached through the inspector of a main thread: it relays to the workers, also to those that
// workers have created.
import type { CdpConnection, CdpThread } from './connection.js';
import { type CarriedConnection, createConnection } from './requests.js';
import { within } from './waiting.js';

/** The threads of one process. */
export interface ThreadRelay {
  /** Those that are known now, the main one first, in the order of their ids. Never rejects. */
  threads(): Promise<readonly CdpThread[]>;
  /** Lets go of the workers, which ends what runs in them for this; what is posted to the main thread by then is enough. */
  stop(): Promise<void>;
}

/** The main thread tells of its workers as soon as it is asked, if it answers at all. */
const ANSWER_MS = 3000;

/** Relays through `main`, the connection to the main thread. */
export function relayThreads(main: CdpConnection): ThreadRelay {
  const sessions = new Map<string, CarriedConnection>();
  const workers = new Map<string, CdpThread>();
  let asked: Promise<void> | undefined;

  function forget(sessionId: string): void {
    const carried = sessions.get(sessionId);
    sessions.delete(sessionId);
    workers.delete(sessionId);
    carried?.end();
  }

  function ask(): Promise<void> {
    main.on('NodeWorker.attachedToWorker', (params) => {
      const { sessionId, workerInfo } = params as AttachedToWorker;
      const carried = createConnection({
        send: (message) => void main.post('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(() => {}),
        close: () => void main.post('NodeWorker.detach', { sessionId }).catch(() => {}),
      });
      const { connection } = carried;
      sessions.set(sessionId, carried);
      workers.set(sessionId, { ...nameOf(workerInfo.title), connection });
      void connection.closed.then(() => forget(sessionId));
    });
    main.on('NodeWorker.detachedFromWorker', (params) => forget((params as { sessionId: string }).sessionId));
    main.on('NodeWorker.receivedMessageFromWorker', (params) => {
      const { sessionId, message } = params as { sessionId: string; message: string };
      sessions.get(sessionId)?.receive(message);
    });
    void main.closed.then(() => [...sessions.keys()].forEach(forget));
    const answered = main.post('NodeWorker.enable', { waitForDebuggerOnStart: false }).then(
      () => {},
      () => {},
    );
    return within(answered, ANSWER_MS);
  }

  return {
    async threads() {
      asked ??= ask();
      await asked;
      const known = [...workers.values()].sort((a, b) => a.threadId - b.threadId);
      return [{ threadId: 0, thread: 'main', connection: main }, ...known];
    },
    async stop() {
      if (asked === undefined) return;
      // Neither this nor the end of the main session ends the sessions in workers: their profilers would run on for ever.
      const posted = [main.post('NodeWorker.disable')];
      for (const sessionId of sessions.keys()) posted.push(main.post('NodeWorker.detach', { sessionId }));
      await within(Promise.allSettled(posted), ANSWER_MS);
    },
  };
}

interface AttachedToWorker {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

/** `[worker 3] name`, or `Worker 3` where nobody named it. */
export function nameOf(title: string): { readonly threadId: number; readonly thread: string } {
  const match = /^(?:\[worker |Worker )(\d+)\]?\s*/i.exec(title);
  const rest = match === null ? title : title.slice(match[0].length);
  const threadId = Number(match?.[1] ?? 0);
  return { threadId, thread: rest === '' || rest === 'WorkerThread' ? 'worker' : rest };
}
