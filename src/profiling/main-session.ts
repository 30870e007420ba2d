// An inspector session of the main thread that stays open, held by the observer: it ends before the process does, because Node
// would say on standard error that a session is open.
import { type CdpConnection, CdpError } from '../cdp/connection.js';
import { connectOwnProcess } from '../cdp/own-process.js';
import type { Heartbeat } from '../observer/heartbeat.js';
import { countSession } from '../stalls/loop/capturing.js';
import { isExiting, whenExiting } from './exit-word.js';

/** Connects to the main thread. Throws where sessions are refused, and a CdpError while the process exits. */
export function connectToMain(heartbeat: Pick<Heartbeat, 'flags'>): CdpConnection {
  // Counted first, and looked at then: the main thread does it the other way round, so that one of the two sees the other.
  countSession(heartbeat, 1);
  let connection: CdpConnection;
  try {
    if (isExiting(heartbeat)) throw new CdpError('the process exits');
    connection = connectOwnProcess();
  } catch (error) {
    countSession(heartbeat, -1);
    throw error;
  }
  let isOver = false;
  const close = (): void => {
    if (isOver) return;
    isOver = true;
    forget();
    connection.close();
    countSession(heartbeat, -1);
  };
  const forget = whenExiting(heartbeat, close);
  return { post: connection.post, on: connection.on, closed: connection.closed, close };
}
