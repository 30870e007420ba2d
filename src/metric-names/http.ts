// HTTP, as a server and as a client.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const HTTP_METRICS = {
  httpServerRequestDuration: {
    name: 'http.server.request.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.httpRequestMethod, A.urlScheme, A.httpResponseStatusCode, A.httpRoute, A.errorType],
    description: 'Duration of HTTP server requests.',
  },
  httpServerActiveRequests: {
    name: 'http.server.active_requests',
    unit: '{request}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [A.httpRequestMethod, A.urlScheme],
    description: 'HTTP server requests in flight.',
  },
  httpClientRequestDuration: {
    name: 'http.client.request.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.httpRequestMethod, A.serverAddress, A.serverPort, A.httpResponseStatusCode, A.errorType],
    seriesLimit: 100,
    description:
      'Duration of HTTP requests to other servers, from their creation to the end of the response. The first 10 servers are named, then `other`.',
  },
  httpClientActiveRequests: {
    name: 'http.client.active_requests',
    unit: '{request}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: [A.httpRequestMethod, A.serverAddress, A.serverPort],
    seriesLimit: 100,
    description: 'HTTP requests to other servers in flight, those that wait for a connection included.',
  },
  httpClientOpenConnections: {
    name: 'http.client.open_connections',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: [A.httpConnectionState, A.serverAddress, A.serverPort],
    description: 'Open HTTP connections to other servers, by whether a request uses them (`active`) or not (`idle`).',
  },
  httpClientConnectionDuration: {
    name: 'http.client.connection.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: [0.1, 1, 10, 60, 600, 3600],
    attributes: [A.serverAddress, A.serverPort],
    description: 'How long HTTP connections to other servers lasted, from being established to their end.',
  },
} as const satisfies Record<string, MetricDefinition>;
