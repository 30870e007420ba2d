// The dashboard's field options, applied as Grafana applies them.
import { applyFieldOverrides, cacheFieldDisplayNames, FieldConfigOptionsRegistry } from '@grafana/data';

/** What Grafana's panels of each type start from, before the options of a dashboard. */
const PANEL_DEFAULTS = {
  stat: { color: { mode: 'thresholds' } },
  table: { color: { mode: 'thresholds' }, custom: { cellOptions: { type: 'auto' }, filterable: false } },
  'state-timeline': { color: { mode: 'continuous-GrYlRd' } },
  timeseries: {
    color: { mode: 'palette-classic' },
    custom: {
      drawStyle: 'line',
      lineInterpolation: 'linear',
      gradientMode: 'none',
      spanNulls: false,
      pointSize: 5,
      axisPlacement: 'auto',
      axisGridShow: true,
      axisColorMode: 'text',
      scaleDistribution: { type: 'linear' },
      hideFrom: { viz: false, legend: false, tooltip: false },
    },
  },
};

const STANDARD = ['unit', 'min', 'max', 'decimals', 'noValue', 'mappings', 'thresholds', 'color', 'displayName'];

/** `frames` with the options of `panel`: units, thresholds, colours, overrides. */
export function withFieldConfig(frames, panel, theme) {
  const { defaults, overrides } = withInfinity(panel.fieldConfig);
  const start = PANEL_DEFAULTS[panel.type];
  const custom = { ...start.custom, ...defaults.custom };
  const configured = applyFieldOverrides({
    data: frames,
    fieldConfig: { defaults: { ...start, ...defaults, custom }, overrides },
    fieldConfigRegistry: registryOf(Object.keys({ ...custom, cellOptions: undefined })),
    replaceVariables: (text) => text,
    timeZone: 'browser',
    theme,
  });
  cacheFieldDisplayNames(configured);
  return configured;
}

function registryOf(customNames) {
  const option = (id, path, isCustom) => ({
    id,
    path,
    isCustom,
    name: id,
    process: (value) => value,
    shouldApply: () => true,
    getItemsCount: () => 0,
  });
  return new FieldConfigOptionsRegistry(() => [
    ...STANDARD.map((name) => option(name, name, false)),
    ...customNames.map((name) => option(`custom.${name}`, name, true)),
  ]);
}

/** JSON has no infinity: the first step of thresholds starts at null there. */
function withInfinity(fieldConfig) {
  return JSON.parse(JSON.stringify(fieldConfig), (key, value) =>
    key === 'steps' ? value.map((step) => ({ ...step, value: step.value ?? Number.NEGATIVE_INFINITY })) : value,
  );
}
