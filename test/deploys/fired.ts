// Alerts of a Prometheus: those that fire, and when they did.
import { eventually } from '../support/eventually.js';
import type { Prometheus } from '../support/prometheus.js';

interface Alert {
  readonly state: 'pending' | 'firing' | 'inactive';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alerts of that name that fire, once they are as `isIt` says; rejects when that takes longer than `patienceMs`. */
export function firingAlerts(
  { url }: Prometheus,
  name: string,
  isIt: (alerts: readonly Alert[]) => boolean,
  patienceMs: number,
): Promise<readonly Alert[]> {
  const ask = async () => {
    const { data } = (await (await fetch(`${url}/api/v1/alerts`)).json()) as { data: { alerts: readonly Alert[] } };
    return data.alerts.filter(({ state, labels }) => state === 'firing' && labels.alertname === name);
  };
  return eventually(ask, isIt, patienceMs);
}

/** First and last second, since 1970, in which an alert fired, by version. */
export async function firingTimes(
  prometheus: Prometheus,
  name: string,
  startS: number,
): Promise<ReadonlyMap<string, readonly [fromS: number, toS: number]>> {
  const selector = `ALERTS{alertname="${name}", alertstate="firing"}`;
  const series = await prometheus.queryRange(selector, Math.floor(startS), Math.floor(Date.now() / 1000));
  return new Map(
    series.map(({ metric, values }) => [
      metric.service_version ?? '',
      [values[0]?.[0] ?? Number.NaN, values.at(-1)?.[0] ?? Number.NaN],
    ]),
  );
}
