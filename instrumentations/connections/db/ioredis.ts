// The commands of ioredis, a queue for each server: they wait while there is no connection and run until their reply.
import type { Library } from '../../../src/loading/library.js';
import type { AnyFunction } from '../../../src/loading/replace.js';
import type { QueueTask } from '../../queues/queue-monitor.js';
import { quietly } from '../quietly.js';
import { replaceAll } from '../replace-all.js';
import { type ClientName, type Command, clientClosed, clientQueue } from './client-queue.js';
import { serverName } from './pool-identity.js';
import { waitsOnServer } from './redis-commands.js';

interface RedisCommand extends Command {
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Line {
  peekBack(): { readonly command?: unknown } | undefined;
}

interface Redis {
  readonly status: string;
  readonly options: { readonly host?: unknown; readonly port?: unknown; readonly path?: unknown };
  readonly offlineQueue: Line;
  readonly commandQueue: Line;
}

const tasks = new WeakMap<object, QueueTask>();

/** ioredis. */
export const ioredisLibrary: Library = {
  name: 'ioredis',
  from: '5.0.0',
  below: '7.0.0',
  file: 'built/Redis.js',
  patch(exports) {
    const { prototype } = (exports as { readonly default: { readonly prototype: object } }).default;
    return { undo: replaceAll(prototype, { sendCommand: patchSendCommand, setStatus: patchSetStatus }) };
  },
};

function patchSendCommand(sendCommand: AnyFunction): AnyFunction {
  return {
    sendCommand(this: Redis, command: RedisCommand, ...args: unknown[]): unknown {
      const isShakingHands = this?.status === 'connect';
      const result = sendCommand.call(this, command, ...args);
      quietly(sent, this, command, isShakingHands);
      return result;
    },
  }.sendCommand;
}

// What is not written waits, and is sent again once there is a connection.
function sent(redis: Redis, command: RedisCommand, isShakingHands: boolean): void {
  const isWritten = redis.commandQueue.peekBack()?.command === command;
  // Before the connection is ready the client writes only what it has to say itself.
  if (isWritten && isShakingHands) return;
  if (!isWritten && redis.offlineQueue.peekBack()?.command !== command) return;
  const known = tasks.get(command);
  if (known === undefined && waitsOnServer(command.name, command.args)) return;
  const task = known ?? begin(redis, command);
  // What was in flight when the connection was lost is sent again, and runs since it was sent first.
  if (isWritten) task.started();
}

function begin(redis: Redis, command: RedisCommand): QueueTask {
  const task = clientQueue(redis, nameOf).added(command, forget);
  tasks.set(command, task);
  return task;
}

// Who redirects a command that was rejected sends it again, as another task.
function forget(command: object): void {
  tasks.delete(command);
}

function nameOf({ options: { host, port, path } }: Redis): ClientName {
  const server = path === undefined || path === null ? serverName(host, port) : serverName(path, undefined);
  return { type: 'ioredis', name: server ?? 'ioredis' };
}

function patchSetStatus(setStatus: AnyFunction): AnyFunction {
  return {
    setStatus(this: Redis, status: unknown, ...args: unknown[]): unknown {
      if (status === 'end') quietly(() => clientClosed(this));
      return setStatus.call(this, status, ...args);
    },
  }.setStatus;
}
