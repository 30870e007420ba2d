// Sentry's event-loop-block integration alone, with a sink on this machine as its server: without a DSN it does not start.
import * as Sentry from '@sentry/node';
import { eventLoopBlockIntegration } from '@sentry/node-native';

const { BENCH_SINK_PORT: port, BENCH_THRESHOLD_MS: threshold } = process.env;
if (port === undefined || threshold === undefined) {
  throw new Error('Expected BENCH_SINK_PORT and BENCH_THRESHOLD_MS in the environment');
}

Sentry.init({
  dsn: `http://key@127.0.0.1:${port}/1`,
  defaultIntegrations: false,
  skipOpenTelemetrySetup: true,
  sendClientReports: false,
  integrations: [
    // Its limit is one event an hour; every stall is to have its captures here.
    eventLoopBlockIntegration({ threshold: Number(threshold), maxEventsPerHour: Number.MAX_SAFE_INTEGER }),
  ],
});
