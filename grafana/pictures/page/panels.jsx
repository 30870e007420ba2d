// One component for each type of panel, made of Grafana's own.
import { getFieldDisplayValues } from '@grafana/data';
import { BigValue, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { withFieldConfig } from './field-config.jsx';
import { seriesFrames } from './frames.jsx';
import { Markers } from './markers.jsx';

/** Top, right, bottom, left: room for a time that stands at the end of the axis. */
export const PADDING = [null, 24, null, null];

/** The figures of a panel beside each other. */
export function StatPanel({ panel, recording, theme, width, height }) {
  const { graphMode, colorMode, justifyMode, textMode, wideLayout, reduceOptions } = panel.options;
  const { showPercentChange: percentChange, percentChangeColorMode } = panel.options;
  const values = getFieldDisplayValues({
    data: withFieldConfig(seriesFrames(panel, recording), panel, theme),
    fieldConfig: panel.fieldConfig,
    reduceOptions,
    replaceVariables: (text) => text,
    sparkline: graphMode !== 'none',
    percentChange,
    timeZone: 'browser',
    theme,
  });
  return (
    <div style={{ display: 'flex' }}>
      {values.map(({ display, sparkline }) => (
        <BigValue
          key={display.title}
          value={display}
          sparkline={sparkline && { ...sparkline, timeRange: recording.timeRange }}
          count={values.length}
          disableWideLayout={!wideLayout}
          width={width / values.length}
          {...{ graphMode, colorMode, justifyMode, textMode, percentChangeColorMode, theme, height }}
        />
      ))}
    </div>
  );
}

export function TimeSeriesPanel({ panel, recording, theme, width, height }) {
  const frames = withFieldConfig(seriesFrames(panel, recording), panel, theme);
  if (frames.length === 0) return <NoData panel={panel} theme={theme} />;
  return (
    <TimeSeries
      frames={frames}
      timeRange={recording.timeRange}
      timeZone="browser"
      legend={panel.options.legend}
      options={panel.options}
      {...{ width, height }}
    >
      {(config) => {
        config.setPadding(PADDING);
        return <Markers config={config} markers={recording.markers} />;
      }}
    </TimeSeries>
  );
}

export function TablePanel({ panel, recording, theme, width, height }) {
  const [data] = withFieldConfig(recording.tables[panel.id], panel, theme);
  if (data === undefined || data.length === 0) return <NoData panel={panel} theme={theme} />;
  const { sortBy, cellHeight } = panel.options;
  // Grafana's feature toggle `table.autoColumnWidths`: no name is cut off.
  return <TableNG {...{ data, width, height, sortBy, cellHeight }} contentAwareWidthsEnabled={true} />;
}

/** What Grafana says where a query has no answer. */
export function NoData({ panel, theme }) {
  return (
    <div
      style={{
        ...theme.typography.body,
        color: theme.colors.text.secondary,
        display: 'flex',
        alignItems: 'center',
        justifyContent: 'center',
        height: '100%',
      }}
    >
      {panel.fieldConfig.defaults.noValue ?? 'No data'}
    </div>
  );
}
