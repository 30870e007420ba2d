// The queue of an `http.Agent` or `https.Agent` whose sockets are limited: requests that wait for one, by server.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Agent, ClientRequest } from 'node:http';
import type { Monitor } from '../../../src/instrumentation.js';
import type { FoundQueue } from '../../queues/found-queue.js';
import type { QueueTask } from '../../queues/queue-monitor.js';
import {
  CLIENT_REFUSED,
  CLIENT_REQUEST,
  CLIENT_SOCKET,
  type RefusedMessage,
  type RequestMessage,
  type SocketMessage,
} from './client-requests.js';
import { createQueueSet } from './queue-set.js';
import { serverOf } from './request-server.js';
import { OTHER_SERVER, type Server, type ServerNames } from './servers.js';

/** What waits for the sockets of one agent to one server; it lives as long as the agent. */
interface AgentQueue {
  readonly agent: Agent;
}

interface Waiting {
  readonly task: QueueTask;
  started: boolean;
}

/** Starts telling the queues of agents of their requests. */
export function startAgentQueues(servers: ServerNames, guarded: (act: () => void) => void): Monitor {
  const found = createQueueSet();
  const queues = new WeakMap<Agent, Map<Server, AgentQueue>>();
  const requests = new Map<ClientRequest, Waiting>();

  function queueOf(agent: Agent, server: Server): FoundQueue {
    const ofAgent = queues.get(agent) ?? new Map<Server, AgentQueue>();
    queues.set(agent, ofAgent);
    const queue = ofAgent.get(server) ?? { agent };
    ofAgent.set(server, queue);
    return found.found(queue, {
      type: 'http.agent',
      name: server.name,
      capacity: ({ agent: { maxSockets, maxTotalSockets } }) =>
        server === OTHER_SERVER ? Number.NaN : Math.min(maxSockets, maxTotalSockets),
    });
  }

  function begin({ request, agent, host, port }: RequestMessage): void {
    // In front of an agent without a limit nothing waits.
    if (!Number.isFinite(agent.maxSockets) && !Number.isFinite(agent.maxTotalSockets)) return;
    if (requests.has(request)) return;
    const task = queueOf(agent, serverOf(servers, request, host, port)).added();
    requests.set(request, { task, started: false });
    request.once('close', onClose);
  }

  function end(request: ClientRequest & { readonly res?: unknown }): void {
    const waiting = requests.get(request);
    if (waiting === undefined) return;
    requests.delete(request);
    const { task, started } = waiting;
    if (!started) task.dropped();
    else if (request.res === undefined || request.res === null) task.failed();
    else task.finished();
  }

  function onClose(this: ClientRequest): void {
    guarded(() => end(this));
  }

  const onRequest = (message: unknown) => guarded(() => begin(message as RequestMessage));
  const onSocket = (message: unknown) =>
    guarded(() => {
      const { request } = message as SocketMessage;
      const waiting = requests.get(request);
      // One that was destroyed in the queue gives its socket back at once.
      if (waiting === undefined || waiting.started || request.destroyed) return;
      waiting.started = true;
      waiting.task.started();
    });
  const onRefused = (message: unknown) =>
    guarded(() => {
      const { request } = message as RefusedMessage;
      request.removeListener('close', onClose);
      end(request);
    });

  const subscriptions = [
    [CLIENT_REQUEST, onRequest],
    [CLIENT_SOCKET, onSocket],
    [CLIENT_REFUSED, onRefused],
  ] as const;
  for (const [channel, listener] of subscriptions) subscribe(channel, listener);
  return {
    stop() {
      for (const [channel, listener] of subscriptions) unsubscribe(channel, listener);
      for (const request of requests.keys()) request.removeListener('close', onClose);
      requests.clear();
      found.stop();
    },
  };
}
