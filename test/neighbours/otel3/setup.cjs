module.exports = require('../start-opentelemetry.cjs').startOpenTelemetry(require);
