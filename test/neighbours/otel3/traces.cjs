require('../trace-calls.cjs').traceCalls(require);
