// Our metrics in the output of a prom-client registry, for services that serve /metrics already.
import { METRICS } from '../metric-names.js';
import { sharedState } from '../shared-state.js';
import { start } from '../start.js';
import { checkRegistry, type PromClientRegistry } from './registry.js';
import { createRegistryMetric } from './registry-metric.js';

/**
 * Adds Loopsight's metrics to a registry of prom-client (15) or @prometheus-io/client: its `metrics()` and
 * `getMetricsAsJSON()` hold them from now on. Starts Loopsight without an endpoint where it does not run yet. Where the
 * registry has, or later gets, a metric of the same name, that one is shown. `resetMetrics()` leaves ours as they are;
 * after `clear()` they can be added again. Returns its undo, which also stops what it started. Throws a TypeError for what is
 * no registry, or for a bad environment variable.
 *
 * @example
 * const { register } = await import('prom-client');
 * const remove = addToRegistry(register);
 * console.log(await register.metrics());
 * remove();
 */
export function addToRegistry(registry: PromClientRegistry): () => void {
  checkRegistry(registry);
  const state = sharedState();
  const started = state.running === undefined ? start({ endpoint: false }) : undefined;
  const added = Object.values(METRICS)
    .map((definition) => createRegistryMetric(definition, registry, () => sharedState().figures))
    .filter(({ name }) => registry.getSingleMetric(name) === undefined);
  for (const metric of added) registry.registerMetric(metric);
  return () => {
    for (const metric of added) {
      if (registry.getSingleMetric(metric.name) === metric) registry.removeSingleMetric(metric.name);
    }
    void started?.stop();
  };
}
