// The runtime metrics of prom-client, as its readme says.
import { collectDefaultMetrics } from 'prom-client';

collectDefaultMetrics();
