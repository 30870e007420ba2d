require('../bridges.cjs').runBridge(require('loopsight'), require('@prometheus-io/client'));
