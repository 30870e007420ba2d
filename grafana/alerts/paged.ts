// Keeps the tickets of a job quiet for a while after a page: they would tell of the same block.
import type { Expressions } from '../rules/promql.js';
import type { Alert } from './alert.js';

/** The label of `LoopsightPaged` that names the page. */
export const PAGE_LABEL = 'page';

export const PAGED_ALERTS: readonly Alert[] = [
  {
    name: 'LoopsightPaged',
    severity: 'none',
    needs: [],
    expr: (e) => {
      const pages = pagesWithin(e, e.options.quietS, ['alertname']);
      return `label_replace(${pages}, "${PAGE_LABEL}", "$1", "alertname", "(.+)")`;
    },
    forS: 0,
    keepFiringS: 0,
    summary: () =>
      `Tickets of {{ $labels.job }} are quiet, because {{ $labels.${PAGE_LABEL} }} was paged for a short while ago.`,
    description: 'Notifies nobody: it is a source for inhibit rules of Alertmanager.',
    panel: 'lagByInstance',
    runbook: 'paged',
  },
];

/** Jobs with a page of ours within the window. */
export function pagesWithin(e: Expressions, windowS: number, labels: readonly string[] = []): string {
  const pages = e.record('ALERTS', ['alertname=~"Loopsight.+"', 'alertstate="firing"', 'severity="page"']);
  return e.by('max', labels, `max_over_time(${pages}[${e.duration(windowS)}])`);
}
