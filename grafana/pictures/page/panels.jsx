// One component for each type of panel, made of Grafana's own.
import { getFieldDisplayValues } from '@grafana/data';
import { BigValue, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useLayoutEffect } from 'react';
import { withFieldConfig } from './field-config.jsx';
import { seriesFrames } from './frames.jsx';

export function StatPanel({ panel, recording, theme, width, height }) {
  const { graphMode, colorMode, justifyMode, textMode, wideLayout, reduceOptions } = panel.options;
  const [value] = getFieldDisplayValues({
    data: withFieldConfig(seriesFrames(panel, recording), panel, theme),
    fieldConfig: panel.fieldConfig,
    reduceOptions,
    replaceVariables: (text) => text,
    sparkline: graphMode !== 'none',
    timeZone: 'browser',
    theme,
  });
  return (
    <BigValue
      value={value.display}
      sparkline={{ ...value.sparkline, timeRange: recording.timeRange }}
      count={1}
      disableWideLayout={!wideLayout}
      {...{ graphMode, colorMode, justifyMode, textMode, theme, width, height }}
    />
  );
}

export function TimeSeriesPanel({ panel, recording, theme, width, height }) {
  return (
    <TimeSeries
      frames={withFieldConfig(seriesFrames(panel, recording), panel, theme)}
      timeRange={recording.timeRange}
      timeZone="browser"
      legend={panel.options.legend}
      options={panel.options}
      {...{ width, height }}
    >
      {(config) => <Deploys config={config} deploys={recording.deploys} />}
    </TimeSeries>
  );
}

/** Where Grafana puts an annotation: a dashed line, in the annotation's colour. */
function Deploys({ config, deploys }) {
  useLayoutEffect(() => {
    config.addHook('draw', (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.lineWidth = 2 * devicePixelRatio;
      ctx.setLineDash([5 * devicePixelRatio, 5 * devicePixelRatio]);
      for (const { timeMs, color } of deploys) {
        const x = Math.round(plot.valToPos(timeMs, 'x', true));
        ctx.strokeStyle = color;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    });
  }, [config, deploys]);
  return null;
}

export function TablePanel({ panel, recording, theme, width, height }) {
  const [data] = withFieldConfig(recording.tables[panel.id], panel, theme);
  const { sortBy, cellHeight } = panel.options;
  // Grafana's feature toggle `table.autoColumnWidths`: no name is cut off.
  return <TableNG {...{ data, width, height, sortBy, cellHeight }} contentAwareWidthsEnabled={true} />;
}
