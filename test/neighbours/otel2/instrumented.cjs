require('../run-instrumented.cjs').runInstrumented(require);
