// The queue of an `http.Agent` or `https.Agent` whose sockets are limited: requests that wait for one, by server.
import type { Agent, ClientRequest } from 'node:http';
import type { Monitor } from '../../../src/instrumentation.js';
import type { FoundQueue } from '../../queues/found-queue.js';
import type { QueueTask } from '../../queues/queue-monitor.js';
import { type AgentRoute, followRequests } from './follow-requests.js';
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

  function begin(request: ClientRequest, route: AgentRoute | undefined): Waiting | undefined {
    if (route === undefined) return undefined;
    const { agent, host, port } = route;
    // In front of an agent without a limit nothing waits.
    if (!Number.isFinite(agent.maxSockets) && !Number.isFinite(agent.maxTotalSockets)) return undefined;
    return { task: queueOf(agent, serverOf(servers, request, host, port)).added(), started: false };
  }

  function end({ task, started }: Waiting, request: ClientRequest & { readonly res?: unknown }): void {
    if (!started) task.dropped();
    else if (request.res === undefined || request.res === null) task.failed();
    else task.finished();
  }

  const requests = followRequests<Waiting>(
    {
      begin,
      gotSocket(waiting) {
        if (waiting.started) return;
        waiting.started = true;
        waiting.task.started();
      },
      end,
      refused: end,
    },
    guarded,
  );
  return {
    stop() {
      requests.stop();
      found.stop();
    },
  };
}
