require('../serve-traced.cjs').serveTraced(require);
