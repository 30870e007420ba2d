require('../run-metered.cjs').runMetered(require);
