// Prometheus' answers as Grafana's data frames.
import { createDataFrame, FieldType } from '@grafana/data';

/** One frame for each series of a panel's queries. */
export function seriesFrames(panel, { answers, stepMs }) {
  return panel.targets.flatMap(({ refId, legendFormat }) =>
    (answers[`${panel.id} ${refId}`] ?? []).map(({ metric, values: answered }) => {
      const values = withGaps(answered, stepMs / 1000);
      return createDataFrame({
        refId,
        fields: [
          {
            name: 'Time',
            type: FieldType.time,
            config: { interval: stepMs },
            values: values.map(([seconds]) => seconds * 1000),
          },
          {
            name: 'Value',
            type: FieldType.number,
            labels: metric,
            config: { displayNameFromDS: legendOf(legendFormat, metric) },
            values: values.map(([, value]) => value),
          },
        ],
      });
    }),
  );
}

/** A null where there was no answer, so that no line is drawn over it. */
function withGaps(values, stepS) {
  return values.flatMap((value, index) => {
    const [lastS] = values[index - 1] ?? value;
    return value[0] - lastS > 1.5 * stepS ? [[lastS + stepS, null], value] : [value];
  });
}

/** One frame for each query of a table: a column for each label, and one for the value. */
export function tableFrames(panel, { answers }) {
  return panel.targets.map(({ refId }) => {
    const series = answers[`${panel.id} ${refId}`] ?? [];
    const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))];
    return createDataFrame({
      refId,
      fields: [
        { name: 'Time', type: FieldType.time, values: series.map(({ values }) => values[0][0] * 1000) },
        ...labels.map((label) => ({
          name: label,
          type: FieldType.string,
          values: series.map(({ metric }) => metric[label]),
        })),
        { name: `Value #${refId}`, type: FieldType.number, values: series.map(({ values }) => values[0][1]) },
      ],
    });
  });
}

function legendOf(format, labels) {
  return format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_match, name) => labels[name] ?? '').trim();
}
