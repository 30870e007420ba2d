require('../sdk-stalls.cjs').runStalls(require);
