// The commands of one client, as a queue: shown from its first command until it is closed and the last one has ended.
import type { AnyFunction } from '../../../src/loading/replace.js';
import { type FoundQueue, foundQueue } from '../../queues/found-queue.js';
import type { QueueTask } from '../../queues/queue-monitor.js';

/** A command of a library: it is settled by calling one of its functions. */
export interface Command {
  resolve: AnyFunction;
  reject: AnyFunction;
}

/** What the queue of a client is called. */
export interface ClientName {
  /** The package of the library. */
  readonly type: string;
  /** The server, such as `127.0.0.1:6379`. */
  readonly name: string;
}

const queues = new WeakMap<object, ClientQueue>();
const living = new Set<ClientQueue>();
const collected = new FinalizationRegistry<ClientQueue>((queue) => queue.end());

/** The queue of `client`; `name` is asked once. */
export function clientQueue<C extends object>(client: C, name: (client: C) => ClientName): ClientQueue {
  let queue = queues.get(client);
  if (queue === undefined) {
    queue = new ClientQueue(client, name(client));
    queues.set(client, queue);
    collected.register(client, queue);
  }
  return queue;
}

/** Takes the queues of all clients out of the metrics. */
export function endClientQueues(): void {
  for (const queue of living) queue.end();
}

/** The application has closed `client`; should it be opened again, it has a queue again. */
export function clientClosed(client: object): void {
  queues.get(client)?.close();
}

/** The commands of one client. */
export class ClientQueue {
  readonly #client: WeakRef<object>;
  // A client that is opened again is another queue, so the client itself cannot be what is found.
  readonly #token = {};
  readonly #found: FoundQueue;
  #commands = 0;
  #isClosed = false;

  constructor(client: object, name: ClientName) {
    this.#client = new WeakRef(client);
    this.#found = foundQueue(this.#token, name);
    living.add(this);
  }

  /**
   * A command came in; `settled` is called when it has ended. Nobody can listen to its promise without handling its
   * rejection on behalf of the application.
   */
  added<C extends Command>(command: C, settled: (command: C) => void): QueueTask {
    const task = this.#found.added();
    this.#commands++;
    const { resolve, reject } = command;
    // Libraries keep commands for longer than they are in use, so what is ours leaves them with their end.
    const ownResolve = (reply: unknown): unknown => {
      // A reply that cannot be converted is a rejection, which then comes first.
      const result: unknown = resolve.call(command, reply);
      if (command.resolve === ownResolve) command.resolve = resolve;
      if (command.reject === ownReject) command.reject = reject;
      settled(command);
      task.finished();
      this.#settled();
      return result;
    };
    const ownReject = (error: unknown): unknown => {
      if (command.resolve === ownResolve) command.resolve = resolve;
      if (command.reject === ownReject) command.reject = reject;
      settled(command);
      // Of the two, the one that fits its state counts.
      task.dropped();
      task.failed();
      this.#settled();
      return reject.call(command, error);
    };
    command.resolve = ownResolve;
    command.reject = ownReject;
    return task;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#commands === 0) this.end();
  }

  /** Takes the queue out of the metrics; what its commands do later goes nowhere. */
  end(): void {
    living.delete(this);
    const client = this.#client.deref();
    if (client !== undefined && queues.get(client) === this) queues.delete(client);
    this.#found.stop();
  }

  #settled(): void {
    this.#commands--;
    if (this.#isClosed) this.close();
  }
}
