// prom-client registries that our endpoint serves beside our own metrics.
import { sharedState } from '../shared-state.js';
import { createRegistrySearch } from './find-registries.js';
import { createRegistriesReader, type RegistriesReader } from './registries-reader.js';
import { checkRegistry, type PromClientRegistry } from './registry.js';

/**
 * Serves the metrics of a registry of prom-client (15) or @prometheus-io/client at Loopsight's endpoint, or that of its
 * exporter, from its next scrape on, whether Loopsight was started before or is started later. Names, labels and values stay
 * what they are; a metric of ours with a name that the registry has is left out. Returns its undo. Throws a TypeError for
 * what is no registry.
 *
 * @example
 * const { Counter, register } = await import('prom-client');
 * const stop = serveRegistry(register);
 * new Counter({ name: 'orders_total', help: 'Orders.' }).inc();
 * stop();
 */
export function serveRegistry(registry: PromClientRegistry): () => void {
  checkRegistry(registry);
  const state = sharedState();
  state.registries ??= new Set();
  const { registries } = state;
  registries.add(registry);
  return () => {
    registries.delete(registry);
  };
}

/** Opens the registries that are served; once for each observer, because each has to be told of every series. */
export function openServedRegistries(): RegistriesReader {
  const state = sharedState();
  const search = createRegistrySearch();
  return createRegistriesReader(() => {
    const given = (state.registries ?? []) as Iterable<PromClientRegistry>;
    return state.searchesRegistries === true ? new Set([...given, ...search()]) : given;
  });
}
