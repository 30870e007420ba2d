// The commands of redis (node-redis), a queue for each server: they wait to be written and run until their reply.
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, undoAll } from '../../../src/loading/replace.js';
import type { QueueTask } from '../../queues/queue-monitor.js';
import { quietly } from '../quietly.js';
import { replaceAll } from '../replace-all.js';
import { type ClientName, type ClientQueue, type Command, clientClosed, clientQueue } from './client-queue.js';
import { serverName } from './pool-identity.js';
import { waitsOnServer } from './redis-commands.js';

interface Client {
  readonly _self?: Client;
  readonly options?: {
    readonly socket?: { readonly host?: unknown; readonly port?: unknown; readonly path?: unknown };
  };
}

const VERSIONS = { name: '@redis/client', from: '5.0.0', below: '7.0.0' } as const;

// Who sends is known in the client, what is sent in its queue, when it is written in the queue's lists: all in one call.
let sender: Client | undefined;
let queue: ClientQueue | undefined;
// Commands in the lists are the library's own objects, which nobody else sees; a WeakMap of so many costs collections.
const TASK = Symbol('loopsight.task');

interface ListedCommand extends Command {
  [TASK]?: QueueTask | undefined;
}

/** The client: it knows to which server it leads. */
export const redisClientLibrary: Library = {
  ...VERSIONS,
  file: 'dist/lib/client/index.js',
  patch(exports) {
    const { prototype } = (exports as { readonly default: { readonly prototype: object } }).default;
    const undo = replaceAll(prototype, {
      close: patchClose,
      destroy: patchClose,
      QUIT: patchClose,
      sendCommand: patchSend,
      _executeMulti: patchSend,
      _executePipeline: patchSend,
    });
    return { undo };
  },
};

/** Its queue: what goes through `addCommand` was sent by the application. */
export const redisQueueLibrary: Library = {
  ...VERSIONS,
  file: 'dist/lib/client/commands-queue.js',
  patch(exports) {
    const { prototype } = (exports as { readonly default: { readonly prototype: object } }).default;
    return { undo: replaceAll(prototype, { addCommand: patchAddCommand }) };
  },
};

/** The lists of commands to write and of those that wait for their reply. */
export const redisListLibrary: Library = {
  ...VERSIONS,
  file: 'dist/lib/client/linked-list.js',
  patch(exports) {
    const { DoublyLinkedList, SinglyLinkedList } = exports as Record<string, { readonly prototype: object }>;
    const toWrite = replaceAll(DoublyLinkedList?.prototype ?? {}, { add: patchAdd });
    try {
      const waitingForReply = replaceAll(SinglyLinkedList?.prototype ?? {}, { push: patchPush });
      return { undo: () => undoAll([toWrite, waitingForReply]) };
    } catch (error) {
      toWrite();
      throw error;
    }
  },
};

function patchSend(send: AnyFunction): AnyFunction {
  return {
    send(this: Client, ...args: unknown[]): unknown {
      const before = sender;
      sender = this;
      try {
        return send.apply(this, args);
      } finally {
        sender = before;
      }
    },
  }.send;
}

function patchAddCommand(addCommand: AnyFunction): AnyFunction {
  return {
    addCommand(this: object, command: unknown, ...args: unknown[]): unknown {
      queue = quietly(queueOf, command);
      try {
        return addCommand.call(this, command, ...args);
      } finally {
        queue = undefined;
      }
    },
  }.addCommand;
}

function patchAdd(add: AnyFunction): AnyFunction {
  return {
    add(this: object, command: ListedCommand, ...args: unknown[]): unknown {
      const waitedIn = queue;
      queue = undefined;
      if (waitedIn !== undefined) quietly(begin, waitedIn, command);
      return add.call(this, command, ...args);
    },
  }.add;
}

function patchPush(push: AnyFunction): AnyFunction {
  return {
    push(this: object, value: Partial<ListedCommand> | undefined, ...args: unknown[]): unknown {
      value?.[TASK]?.started();
      return push.call(this, value, ...args);
    },
  }.push;
}

function begin(waitedIn: ClientQueue, command: ListedCommand): void {
  if (typeof command.resolve !== 'function' || typeof command.reject !== 'function') return;
  command[TASK] = waitedIn.added(command, forget);
}

function forget(command: ListedCommand): void {
  command[TASK] = undefined;
}

function patchClose(close: AnyFunction): AnyFunction {
  return {
    close(this: Client, ...args: unknown[]): unknown {
      const result = close.apply(this, args);
      quietly(() => clientClosed(this._self ?? this));
      return result;
    },
  }.close;
}

function queueOf(command: unknown): ClientQueue | undefined {
  const client = sender?._self ?? sender;
  if (client === undefined || !Array.isArray(command) || waitsOnServer(String(command[0]), command)) return undefined;
  return clientQueue(client, nameOf);
}

function nameOf({ options }: Client): ClientName {
  const { host = 'localhost', port = 6379, path } = options?.socket ?? {};
  const server = path === undefined ? serverName(host, port) : serverName(path, undefined);
  return { type: 'redis', name: server ?? 'redis' };
}
