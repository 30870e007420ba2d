import * as loopsight from 'loopsight';
import client from 'prom-client';
import bridges from '../bridges.cjs';

await bridges.runBridge(loopsight, client);
