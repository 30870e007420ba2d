import client from '@prometheus-io/client';
import * as loopsight from 'loopsight';
import bridges from '../bridges.cjs';

await bridges.runBridge(loopsight, client);
