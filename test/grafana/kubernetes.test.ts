// The snippets for Kubernetes fit together, and their variables are ones that Loopsight takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveOptions } from '../../src/options.js';
import { readYaml } from './compose-files.js';

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}
interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: Metadata;
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly env: readonly Variable[];
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
        }[];
      };
    };
  };
}
interface PodMonitor {
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

const { spec: deployment } = readYaml<Deployment>('grafana/kubernetes/deployment.yml');
const { spec: monitor } = readYaml<PodMonitor>('grafana/kubernetes/pod-monitor.yml');
const patch = readYaml<{ readonly spec: { readonly template: { readonly metadata: Metadata } } }>(
  'grafana/kubernetes/annotations.yml',
);
const labels = deployment.template.metadata.labels ?? {};
const [container] = deployment.template.spec.containers;
const variables = container?.env ?? [];
const pod: Readonly<Record<string, string | undefined>> = {
  'metadata.name': 'checkout-7d4b9-x2k8p',
  "metadata.labels['app.kubernetes.io/version']": labels['app.kubernetes.io/version'],
};

/** What Kubernetes makes of the variables: `$(NAME)` is one that stands above. */
function environmentOfPod(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of variables) {
    const text = value ?? pod[valueFrom?.fieldRef.fieldPath ?? ''];
    assert.ok(text !== undefined, `${name} has no value`);
    environment[name] = text.replaceAll(/\$\((\w+)\)/g, (whole, other: string) => environment[other] ?? whole);
  }
  return environment;
}

test('the variables make an endpoint that Prometheus can reach, with version and pod', () => {
  const environment = environmentOfPod();
  assert.equal(environment.NODE_OPTIONS, '--import loopsight/register');
  const options = resolveOptions({}, environment);
  assert.equal(options?.host, '0.0.0.0');
  assert.equal(options?.serviceName, 'checkout');
  assert.equal(options?.serviceVersion, '1.4.2');
  assert.equal(options?.resourceAttributes['k8s.pod.name'], pod['metadata.name']);
  assert.ok(container?.image.endsWith(`:${options?.serviceVersion}`), container?.image);
});

test('the port of the endpoint is named, and both ways of scraping name it', () => {
  const options = resolveOptions({}, environmentOfPod());
  const port = container?.ports.find(({ containerPort }) => containerPort === options?.port);
  assert.equal(port?.name, 'metrics');
  assert.deepEqual(
    monitor.podMetricsEndpoints.map((endpoint) => endpoint.port),
    ['metrics'],
  );
  const { annotations } = patch.spec.template.metadata;
  assert.equal(annotations?.['prometheus.io/port'], String(port?.containerPort));
  assert.equal(annotations?.['prometheus.io/scrape'], 'true');
  for (const path of [annotations?.['prometheus.io/path'], monitor.podMetricsEndpoints[0]?.path]) {
    assert.equal(path, '/metrics');
  }
});

test('the pods are selected by labels that they have, and the job is one of them', () => {
  for (const { matchLabels } of [deployment.selector, monitor.selector]) {
    for (const [name, value] of Object.entries(matchLabels)) assert.equal(labels[name], value, name);
  }
  assert.ok(monitor.jobLabel in labels);
});
