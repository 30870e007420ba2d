// Who is being measured: the resource behind target_info, and the label that every series carries.
import { applicationEnvironment, entryFile } from './group/pm2.js';
import type { ResolvedOptions } from './options.js';
import { detectService } from './service-version.js';

export interface ResourceDescription {
  readonly resource: Readonly<Record<string, string>>;
  readonly constantLabels: Readonly<Record<string, string>>;
}

/** Completes the resource with what the application's own files say about its name and version. */
export function describeResource(options: ResolvedOptions): ResourceDescription {
  const detected = detectService({ entryFile: entryFile(), environment: applicationEnvironment() });
  const version = options.serviceVersion ?? detected.version;
  const resource: Record<string, string> = {
    ...options.resourceAttributes,
    'service.name': options.serviceName ?? detected.name ?? 'unknown_service:node',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  };
  if (version !== undefined) resource['service.version'] = version;
  return { resource, constantLabels: version === undefined ? {} : { service_version: version } };
}
