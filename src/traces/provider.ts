// A tracer provider from the SDK that the application has installed: `sdk-trace` of 2.12 and 3.x, or `sdk-trace-node` of 2.x.
import type { TracerProvider } from '@opentelemetry/api';
import { createBlockedTimeProcessor } from '../blocked-time-processor.js';
import { type Installed, loadInstalled } from './installed-packages.js';

/** A provider of either line. */
export interface SdkTracerProvider extends TracerProvider {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

interface Resource {
  merge(other: Resource): Resource;
}
interface ResourcesPackage {
  defaultResource(): Resource;
  resourceFromAttributes(attributes: Readonly<Record<string, string>>): Resource;
}
type ProviderClass = new (options: {
  readonly resource: Resource;
  readonly spanProcessors: readonly object[];
}) => SdkTracerProvider;

/** The first that is installed is used; `sdk-trace-node` is what applications on the 2.x line have. */
export const SDK_PACKAGES = ['@opentelemetry/sdk-trace', '@opentelemetry/sdk-trace-node'] as const;

/** The SDK of the application; undefined where none is installed. Throws what loading it throws. */
export function findSdk(): Installed | undefined {
  return loadInstalled(SDK_PACKAGES);
}

/** Makes a provider that exports in batches. Throws what the SDK throws. */
export function createProvider(
  sdk: Installed,
  exporter: object,
  attributes: Readonly<Record<string, string>>,
): SdkTracerProvider {
  const { defaultResource, resourceFromAttributes } = sdk.require('@opentelemetry/resources') as ResourcesPackage;
  const { NodeTracerProvider, TracerProvider, BatchSpanProcessor } = sdk.exports as {
    readonly NodeTracerProvider?: ProviderClass;
    readonly TracerProvider?: ProviderClass;
    readonly BatchSpanProcessor: new (argument: object) => object;
  };
  const Provider = TracerProvider ?? NodeTracerProvider;
  if (Provider === undefined) throw new TypeError(`${sdk.name} has no tracer provider`);
  // sdk-trace takes options, sdk-trace-node the exporter itself.
  const processor = new BatchSpanProcessor(TracerProvider === undefined ? exporter : { exporter });
  return new Provider({
    resource: defaultResource().merge(resourceFromAttributes(attributes)),
    spanProcessors: [createBlockedTimeProcessor(), processor],
  });
}
