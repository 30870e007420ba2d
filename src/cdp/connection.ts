// A connection over which the inspector of a thread is asked: through a port, a socket, or a session of Node's own.

/** The inspector refused a request, or the connection ended before its answer. */
export class CdpError extends Error {
  override readonly name = 'CdpError';
}

/** One inspector. Requests are answered in order; an inspector whose thread is in a native call answers after it. */
export interface CdpConnection {
  /** Resolves to the result. Rejects with a CdpError. */
  post(method: string, params?: object): Promise<unknown>;
  /** Calls `listener` with the params of every such event; returns the undo. */
  on(event: string, listener: (params: unknown) => void): () => void;
  /** Resolves when nothing will be answered any more, whoever ended it; never rejects. */
  readonly closed: Promise<void>;
  /** Ends the connection; requests under way reject. Twice is harmless. */
  close(): void;
}

/** A thread that can be asked. */
export interface CdpThread {
  /** 0 is the main thread. */
  readonly threadId: number;
  /** `main`, or what the worker is called. */
  readonly thread: string;
  readonly connection: CdpConnection;
}
