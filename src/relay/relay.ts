// One client: passes what is allowed to an inspector session without a port, and back what it says. The client's end ends the
// session, and with it everything that it has switched on.
import { type InspectorNotification, Session } from 'node:inspector';
import type { Target } from '../stalls/watch/interrupt.js';
import { TO_WORKER } from './allowed.js';
import { headOf, type Said, threadIdOf } from './heard.js';
import type { Holds } from './holds.js';
import { createPauseWatch } from './pause-watch.js';
import { MAIN, OWN_IDS, type Route, readRequest, type ThreadRequest } from './requests.js';

/** Requests that one client may have under way to a thread: one in a native call answers after it, and keeps them until then. */
const MOST_REQUESTS = 1024;
/** Asked before what holds a thread: from its answer on the thread is at work for us, and not in a call of its own. */
const FIRST = 'Runtime.getIsolateId';
const RESUME = 'Debugger.resume';
const FROM_WORKER = 'NodeWorker.receivedMessageFromWorker';

export interface RelayOptions {
  readonly holds: Holds;
  /** The thread that relays. It is not the application's, and could not have itself go on. */
  readonly ownThreadId: number;
  /** A thread that is paused goes on after this time, in milliseconds. */
  readonly pauseMs: number;
  readonly send: (text: string) => void;
  /** Told why the client is to be sent away. */
  readonly onBreach: (reason: string) => void;
}

/** One client's session. */
export interface Relay {
  receive(text: string): void;
  /** Gives everything back. Twice is harmless. */
  end(): void;
}

/** Why a thread is held: by a request with this id, or by a pause. */
type Hold = number | 'pause';

interface Thread {
  readonly target: Target;
  readonly held: Map<Hold, () => void>;
  /** Requests that it has not answered. */
  underWay: number;
  /** Requests that switch its debugger off. */
  readonly disabling: Set<number>;
}

const newThread = (target: Target): Thread => ({ target, held: new Map(), underWay: 0, disabling: new Set() });

/** Opens the session. Throws where sessions are refused. */
export function openRelay({ holds, ownThreadId, pauseMs, send, onBreach }: RelayOptions): Relay {
  const session = new Session();
  session.connectToMainThread();
  let hasEnded = false;
  let lastOwnId = OWN_IDS;
  /** What waits for the answers to requests of our own to workers. */
  const own = new Map<number, () => void>();
  const threads = new Map<Route, Thread>([[MAIN, newThread('main')]]);
  /** Sessions in workers, with that in the own thread. */
  const workers = new Set<Route>();
  const pauses = createPauseWatch(pauseMs, () => onBreach('a thread was paused for too long'));

  const sendJson = (message: object) => send(JSON.stringify(message));
  const toWorker = (sessionId: Route, message: object) => ({ sessionId, message: JSON.stringify(message) });

  /** Asks something of our own. */
  function ask(route: Route, method: string, onAnswer = () => {}): void {
    if (route === MAIN) {
      session.post(method, onAnswer);
      return;
    }
    lastOwnId++;
    own.set(lastOwnId, onAnswer);
    session.post(TO_WORKER, toWorker(route, { id: lastOwnId, method }));
  }

  function begin(route: Route, hold: Hold): void {
    const thread = threads.get(route);
    if (thread !== undefined && !thread.held.has(hold)) thread.held.set(hold, holds.begin(thread.target));
  }

  function finish(route: Route, hold: Hold): void {
    const held = threads.get(route)?.held;
    held?.get(hold)?.();
    held?.delete(hold);
  }

  function goesOn(route: Route): void {
    finish(route, 'pause');
    pauses.resumed(route);
  }

  // Who switches the debugger off need not be told that the thread goes on.
  function answered(route: Route, id: number): void {
    const thread = threads.get(route);
    if (thread === undefined) return;
    thread.underWay--;
    finish(route, id);
    if (thread.disabling.delete(id)) goesOn(route);
  }

  function forget(route: Route): boolean {
    for (const undo of threads.get(route)?.held.values() ?? []) undo();
    pauses.resumed(route);
    return threads.delete(route);
  }

  // The sessions in workers end by this alone: neither NodeWorker.disable nor the end of ours ends them.
  function detachAll(): void {
    for (const sessionId of workers) session.post('NodeWorker.detach', { sessionId });
  }

  function pass({ route, id, sentId, method, params, isHolding }: ThreadRequest, thread: Thread): void {
    if (isHolding) ask(route, FIRST, () => begin(route, id));
    if (method === 'NodeWorker.disable') detachAll();
    if (method === 'Debugger.disable') thread.disabling.add(id);
    thread.underWay++;
    const onAnswer = (error: Error | null, result?: object) => {
      if (hasEnded) return;
      if (route === MAIN) answered(MAIN, id);
      sendJson(error === null ? { id: sentId, result } : { id: sentId, error: errorOf(error) });
    };
    if (route === MAIN) session.post(method, params, onAnswer);
    else session.post(TO_WORKER, toWorker(route, { id, method, params }), onAnswer);
  }

  // In the form of the thread that was asked: the client waits for that one's answer.
  function refuse(route: Route, id: number, sentId: number, reason: string): void {
    const refusal = { id, error: { code: -32_000, message: reason } };
    if (route === MAIN) sendJson(refusal);
    else {
      sendJson({ id: sentId, result: {} });
      sendJson({ method: FROM_WORKER, params: toWorker(route, refusal) });
    }
  }

  /** Takes what a worker says; returns whether it is for the client. */
  function hear({ sessionId: route = MAIN, message = '' }: Said): boolean {
    if (!threads.has(route)) return false;
    const { id, method } = headOf(message);
    if (id === undefined) {
      hearDebugger(route, method);
      return true;
    }
    if (id < OWN_IDS) {
      answered(route, id);
      return true;
    }
    own.get(id)?.();
    own.delete(id);
    return false;
  }

  function hearDebugger(route: Route, method: string | undefined): void {
    if (method === 'Debugger.paused') {
      begin(route, 'pause');
      pauses.paused(route);
    } else if (method === 'Debugger.resumed') goesOn(route);
  }

  /** Takes what the main thread says; returns whether it is for the client. */
  function hearMain(method: string, said: Said): boolean {
    const { sessionId = MAIN, workerInfo } = said;
    if (method === FROM_WORKER) return hear(said);
    if (method === 'NodeWorker.detachedFromWorker') {
      workers.delete(sessionId);
      return forget(sessionId);
    }
    if (method === 'NodeWorker.attachedToWorker') {
      workers.add(sessionId);
      const target = threadIdOf(workerInfo?.title ?? '');
      if (target === ownThreadId) return false;
      threads.set(sessionId, newThread(target));
    } else hearDebugger(MAIN, method);
    return true;
  }

  session.on('inspectorNotification', ({ method, params }: InspectorNotification<object>) => {
    if (!hasEnded && hearMain(method, params)) sendJson({ method, params });
  });

  return {
    receive(text) {
      const request = readRequest(text);
      if (request === undefined) {
        onBreach('what was sent is no request');
        return;
      }
      const { route, id, sentId } = request;
      const thread = threads.get(route);
      if ('reason' in request) refuse(route, id, sentId, request.reason);
      else if (thread === undefined) refuse(route, id, sentId, 'There is no such session.');
      else if (thread.underWay >= MOST_REQUESTS) onBreach('too many requests');
      else pass(request, thread);
    },
    end() {
      if (hasEnded) return;
      hasEnded = true;
      // A thread would go on with the end of its session as well; whatever that waits for, it must not wait.
      for (const route of pauses.stop()) ask(route, RESUME);
      for (const { held } of threads.values()) for (const undo of held.values()) undo();
      detachAll();
      session.disconnect();
    },
  };
}

// `Inspector error -32000: what it said`, where it was the inspector.
function errorOf({ message }: Error): { readonly code: number; readonly message: string } {
  const [, code, said] = /^Inspector error (-?\d+): (.*)$/s.exec(message) ?? [];
  return { code: Number(code ?? -32_000), message: said ?? message };
}
