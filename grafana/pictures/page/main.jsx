// A part of a dashboard, in the layout of its JSON, from recorded answers.
import {
  createTheme,
  dateTime,
  standardTransformers,
  standardTransformersRegistry,
  ThemeContext,
  transformDataFrame,
} from '@grafana/data';
import '@grafana/react-data-grid/lib/styles.css';
import 'uplot/dist/uPlot.min.css';
import { GlobalStyles, Icon, PanelChrome } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { lastValueFrom } from 'rxjs';
import { HeatmapPanel, StateTimelinePanel } from './cells.jsx';
import { tableFrames } from './frames.jsx';
import { markersOf } from './markers.jsx';
import { StatPanel, TablePanel, TimeSeriesPanel } from './panels.jsx';

/** Grafana's grid: 24 columns, rows of 30 px, 8 px between. */
const COLUMNS = 24;
const ROW_PX = 30;
const GAP_PX = 8;
const MARGIN_PX = 16;
/** Where the titles of the figures have room. */
const WIDTH_PX = 1580;

const PANELS = {
  stat: StatPanel,
  timeseries: TimeSeriesPanel,
  table: TablePanel,
  heatmap: HeatmapPanel,
  'state-timeline': StateTimelinePanel,
};

async function draw() {
  const { name, mode, rows } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const [dashboard, recorded] = await Promise.all(
    [`/dashboard/${name}.json`, `/recording/${name}.json`].map(fetchJson),
  );
  const theme = createTheme({ colors: { mode } });
  const chosen = panelsOf(dashboard, rows);
  const recording = await prepare(recorded, dashboard, chosen);
  document.body.style.background = theme.colors.background.canvas;
  const root = createRoot(document.querySelector('#root'));
  const render = (content) =>
    root.render(
      <ThemeContext.Provider value={theme}>
        <GlobalStyles hackNoBackdropBlur={true} isExtensionSidebarOpen={false} />
        {content}
      </ThemeContext.Provider>,
    );
  render(null);
  // Text on a canvas is measured, and does not change when letters arrive later; the styles say where they are.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await Promise.all([400, 500].map((weight) => document.fonts.load(`${weight} 12px Inter`)));
  render(<Dashboard panels={closeUp(chosen)} {...{ recording, theme }} />);
}

/** The panels of some rows, which are told by their ids. */
function panelsOf({ panels }, rows) {
  const inOrder = panels.toSorted((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  let row;
  return inOrder.filter((panel) => {
    if (panel.type === 'row') row = panel.id;
    return rows === undefined || rows.includes(row);
  });
}

async function fetchJson(path) {
  return (await fetch(path)).json();
}

async function prepare(recorded, dashboard, panels) {
  const range = { from: dateTime(recorded.fromMs), to: dateTime(recorded.toMs) };
  const markers = dashboard.annotations.list.flatMap((annotation) => markersOf(annotation, recorded));
  standardTransformersRegistry.setInit(() =>
    [standardTransformers.mergeTransformer, standardTransformers.organizeFieldsTransformer].map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation: async () => transformation,
    })),
  );
  const tables = {};
  for (const panel of panels.filter(({ type }) => type === 'table')) {
    const frames = tableFrames(panel, recorded);
    tables[panel.id] = await lastValueFrom(
      transformDataFrame(panel.transformations, frames, { interpolate: (text) => text }),
    );
  }
  return { ...recorded, timeRange: { ...range, raw: range }, markers, tables };
}

/** Moves panels up over the rows that were left out. */
function closeUp(panels) {
  let bottom = 0;
  let moved = 0;
  let y = -1;
  return panels.map((panel) => {
    const { gridPos } = panel;
    if (gridPos.y !== y) {
      moved = gridPos.y - bottom;
      y = gridPos.y;
    }
    bottom = Math.max(bottom, gridPos.y - moved + gridPos.h);
    return { ...panel, gridPos: { ...gridPos, y: gridPos.y - moved } };
  });
}

function Dashboard({ panels, recording, theme }) {
  const rows = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = rows * (ROW_PX + GAP_PX) - GAP_PX + 2 * MARGIN_PX;
  return (
    <div id="dashboard" style={{ position: 'relative', width: WIDTH_PX, height }}>
      {panels.map((panel) => (
        <div key={panel.id} style={{ position: 'absolute', ...placeOf(panel.gridPos) }}>
          {panel.type === 'row' ? (
            <RowTitle title={panel.title} theme={theme} />
          ) : (
            <Panel {...{ panel, recording, theme }} />
          )}
        </div>
      ))}
    </div>
  );
}

function placeOf({ x, y, w, h }) {
  const column = (WIDTH_PX - 2 * MARGIN_PX + GAP_PX) / COLUMNS;
  return {
    left: MARGIN_PX + x * column,
    top: MARGIN_PX + y * (ROW_PX + GAP_PX),
    width: w * column - GAP_PX,
    height: h * (ROW_PX + GAP_PX) - GAP_PX,
  };
}

function RowTitle({ title, theme }) {
  return (
    <div style={{ ...theme.typography.h5, display: 'flex', alignItems: 'center', gap: 4, height: '100%' }}>
      <Icon name="angle-down" /> {title}
    </div>
  );
}

/** Without the description, whose icon would take the room of the title and has nothing to show in a picture. */
function Panel({ panel, recording, theme }) {
  const { width, height } = placeOf(panel.gridPos);
  const Content = PANELS[panel.type];
  return (
    <PanelChrome title={panel.title} padding={panel.type === 'stat' ? 'none' : 'md'} width={width} height={height}>
      {(innerWidth, innerHeight) => (
        <Content {...{ panel, recording, theme }} width={innerWidth} height={innerHeight} />
      )}
    </PanelChrome>
  );
}

await draw();
