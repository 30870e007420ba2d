// The row of choices above the graph.
import { button, choice, element, tick } from './dom.js';
import type { Model, Settings } from './drawing.js';
import type { ViewName } from './views.js';

/** The choices that `model` has; calls `change` with what was chosen anew. */
export function createControls(
  model: Model,
  settings: Settings,
  change: (some: Partial<Settings>) => void,
): HTMLElement {
  const parts = model.isDiff
    ? [
        choice('Width', { both: 'Both', before: 'Before', after: 'After' }, settings.width, (width) =>
          change({ width }),
        ),
        choice('Colour', { total: 'Total', self: 'Self' }, settings.changeOf, (changeOf) => change({ changeOf })),
      ]
    : [
        choice<ViewName>(
          'View',
          { calls: 'Calls', callers: 'Callers', ...(model.hasTime ? { time: 'In time' } : {}) },
          settings.view,
          (view) => change({ view, ...(view === 'time' ? { focus: undefined } : {}) }),
        ),
        choice('Colour', { package: 'Package', file: 'File' }, settings.colourBy, (colourBy) => change({ colourBy })),
      ];
  const shape = choice('Shape', { icicle: 'Icicle', flame: 'Flame' }, settings.isFlame ? 'flame' : 'icicle', (name) =>
    change({ isFlame: name === 'flame' }),
  );
  const fold = tick('Fold Node’s own code', settings.foldNode, (foldNode) => change({ foldNode }));
  const row = element('div', { class: 'flame-controls' }, ...parts, shape, fold);
  if (model.threads.length > 1) row.append(threadChoice(model, settings.without, (without) => change({ without })));
  return row;
}

function threadChoice(
  { threads }: Model,
  without: ReadonlySet<string>,
  change: (without: ReadonlySet<string>) => void,
): HTMLElement {
  const left = new Set(without);
  const summary = element('summary');
  const boxes: HTMLInputElement[] = [];
  const tell = () => {
    const shown = threads.filter(({ name }) => !left.has(name)).length;
    summary.textContent = shown === threads.length ? `All ${shown} threads` : `${shown} of ${threads.length} threads`;
    change(new Set(left));
  };
  const setAll = (isShown: boolean) => () => {
    for (const { name } of threads) {
      if (isShown) left.delete(name);
      else left.add(name);
    }
    for (const box of boxes) box.checked = isShown;
    tell();
  };
  const lines = threads.map(({ name, text }) => {
    const line = tick(name, !left.has(name), (isShown) => {
      if (isShown) left.delete(name);
      else left.add(name);
      tell();
    });
    line.append(element('span', { class: 'flame-quiet' }, text));
    boxes.push(...line.querySelectorAll('input'));
    return line;
  });
  const shown = threads.filter(({ name }) => !left.has(name)).length;
  summary.textContent = shown === threads.length ? `All ${shown} threads` : `${shown} of ${threads.length} threads`;
  const details = element(
    'details',
    { class: 'flame-threads' },
    summary,
    element('div', {}, element('div', {}, button('All', setAll(true)), button('None', setAll(false))), ...lines),
  );
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !details.open) return;
    details.open = false;
    summary.focus();
    event.stopPropagation();
  });
  return details;
}
