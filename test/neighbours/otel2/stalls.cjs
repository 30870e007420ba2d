require('../stall-telemetry.cjs').stallTelemetry(require);
