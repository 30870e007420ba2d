// A session with the inspector of this process' main thread, without a port.
import { Session } from 'node:inspector';
import { type CdpConnection, CdpError } from './connection.js';

/**
 * Connects to the main thread; from a worker. `fromMain` connects the main thread to itself, which cannot wait for what it
 * does. Throws where sessions are refused.
 */
export function connectOwnProcess({ fromMain = false }: { readonly fromMain?: boolean } = {}): CdpConnection {
  const session = new Session();
  if (fromMain) session.connect();
  else session.connectToMainThread();
  let isOver = false;
  let tellClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    tellClosed = resolve;
  });
  // The inspector's own type knows the events of its protocol one by one.
  const emitter: NodeJS.EventEmitter = session;
  return {
    post(method, params) {
      return new Promise((resolve, reject) => {
        if (isOver) return reject(new CdpError(`${method}: the connection has ended`));
        session.post(method, params ?? {}, (error, result) => {
          if (error === null) resolve(result ?? {});
          else reject(new CdpError(`${method}: ${error.message}`));
        });
      });
    },
    on(event, listener) {
      const onMessage = ({ params }: { readonly params?: unknown }) => listener(params ?? {});
      emitter.on(event, onMessage);
      return () => emitter.off(event, onMessage);
    },
    closed,
    close() {
      if (isOver) return;
      isOver = true;
      session.disconnect();
      tellClosed();
    },
  };
}
