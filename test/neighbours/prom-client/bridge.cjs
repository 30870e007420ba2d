require('../bridges.cjs').runBridge(require('loopsight'), require('prom-client'));
