// Panels that are not in Grafana's library: state timelines and heatmaps, drawn into a plot of the library.
import { getValueFormat } from '@grafana/data';
import { AxisPlacement, ScaleDirection, ScaleOrientation } from '@grafana/schema';
import { measureText, UPlotChart, UPlotConfigBuilder } from '@grafana/ui';
import { useMemo } from 'react';
import { withFieldConfig } from './field-config.jsx';
import { seriesFrames } from './frames.jsx';
import { drawMarkers } from './markers.jsx';
import { NoData, PADDING } from './panels.jsx';
import { viridis } from './viridis.js';

/** Of the library's axes: their letters, and what stands beside them. */
const FONT_PX = 12;
const AXIS_PX = 12;

export function StateTimelinePanel({ panel, recording, theme, width, height }) {
  const frames = withFieldConfig(seriesFrames(panel, recording), panel, theme);
  const rows = frames.map(({ fields: [times, values] }) => ({
    title: values.config.displayNameFromDS,
    cells: [...times.values].map((timeMs, index) => ({ timeMs, color: values.display(values.values[index]).color })),
  }));
  const gap = (1 - panel.options.rowHeight) / 2;
  const boxes = rows
    .toReversed()
    .flatMap(({ cells }, y) => cells.map((cell) => ({ ...cell, from: y + gap, to: y + 1 - gap })));
  const labels = rows.map(({ title }) => title).toReversed();
  return (
    <Cells
      {...{ boxes, labels, recording, theme, width, height }}
      at={labels.map((_, index) => index + 0.5)}
      opacity={panel.fieldConfig.defaults.custom.fillOpacity / 100}
    />
  );
}

/** Buckets of a histogram over time, a row for each; of Prometheus' buckets each holds those below. */
export function HeatmapPanel({ panel, recording, theme, width, height }) {
  const { color, filterValues, yAxis } = panel.options;
  const buckets = (recording.answers[`${panel.id} ${panel.targets[0].refId}`] ?? [])
    .map(({ metric, values }) => ({ bound: Number(metric.le.replace('+Inf', 'Infinity')), values: new Map(values) }))
    .sort((a, b) => a.bound - b.bound);
  const counts = buckets.map(({ values }, index) =>
    [...values].map(([seconds, value]) => [seconds * 1000, value - (buckets[index - 1]?.values.get(seconds) ?? 0)]),
  );
  const highest = Math.max(0, ...counts.flat().map(([, count]) => count));
  if (highest === 0) return <NoData panel={panel} theme={theme} />;
  const boxes = counts.flatMap((row, y) =>
    row
      .filter(([, count]) => count > filterValues.le)
      .map(([timeMs, count]) => {
        const share = (count / highest) ** color.exponent;
        // Grafana turns this scheme around on a light background.
        return { timeMs, from: y, to: y + 1, color: viridis(theme.isDark ? share : 1 - share) };
      }),
  );
  const format = getValueFormat(yAxis.unit);
  const labels = buckets.map(({ bound }) => {
    if (bound === Infinity) return '∞';
    const { text, suffix = '' } = format(bound);
    return `${text}${suffix}`;
  });
  return (
    <Cells
      {...{ boxes, labels, recording, theme, width, height }}
      at={labels.map((_, index) => index + 1)}
      opacity={1}
    />
  );
}

function Cells({ boxes, labels, at, opacity, recording, theme, width, height }) {
  const { fromMs, toMs, stepMs, timeRange, markers } = recording;
  const config = useMemo(() => {
    const builder = new UPlotConfigBuilder();
    builder.setPadding(PADDING);
    builder.addScale({
      scaleKey: 'x',
      isTime: true,
      orientation: ScaleOrientation.Horizontal,
      direction: ScaleDirection.Right,
      range: () => [fromMs, toMs],
    });
    builder.addScale({
      scaleKey: 'y',
      orientation: ScaleOrientation.Vertical,
      direction: ScaleDirection.Up,
      range: () => [0, labels.length],
    });
    builder.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, grid: { show: false }, theme });
    builder.addAxis({
      scaleKey: 'y',
      placement: AxisPlacement.Left,
      grid: { show: false },
      theme,
      size: () => AXIS_PX + Math.max(...labels.map((label) => measureText(label, FONT_PX).width)),
      splits: () => (labels.length * 14 > height ? at.filter((_, index) => index % 2 === labels.length % 2) : at),
      values: (_plot, splits) => splits.map((split) => labels[at.indexOf(split)]),
    });
    builder.addHook('draw', (plot) => {
      const { ctx } = plot;
      ctx.save();
      ctx.globalAlpha = opacity;
      for (const { timeMs, from, to, color } of boxes) {
        const [left, right] = [timeMs, Math.min(toMs, timeMs + stepMs)].map((ms) =>
          Math.round(plot.valToPos(ms, 'x', true)),
        );
        const [top, bottom] = [to, from].map((y) => Math.round(plot.valToPos(y, 'y', true)));
        ctx.fillStyle = color;
        ctx.fillRect(left, top, right - left, bottom - top);
      }
      ctx.restore();
      drawMarkers(plot, markers);
    });
    return builder;
  }, [fromMs, toMs, stepMs, markers, boxes, labels, at, opacity, theme, height]);
  return <UPlotChart data={[[fromMs, toMs]]} {...{ config, timeRange, width, height }} />;
}
