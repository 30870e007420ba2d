require('../run-exemplars.cjs').runExemplars(require);
