// The first lines of the page, and the title of its window.
import type { PageState, VerdictLevel } from '../../src/page/state.js';
import { byId, element, setText } from './dom.js';
import { duration } from './format.js';

const WORDS: Readonly<Record<VerdictLevel, string>> = {
  critical: 'Blocked or failing',
  warning: 'Needs a look',
  notice: 'Healthy',
  fine: 'Healthy',
  unknown: 'Waiting',
};

/** Shows how the process is. */
export function showVerdict({ verdict, process, figuresAgeS }: PageState): void {
  const { level, headline, detail, problems } = verdict;
  const part = byId('verdict');
  if (part.dataset.level !== level) part.dataset.level = level;
  setText(byId('headline'), headline);
  setText(byId('detail'), detail);
  const list = byId('problems');
  const shown = problems.map(({ sentence, severity }) => [severity, ...splitFigures(sentence)] as const);
  const key = JSON.stringify(shown);
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(
      ...shown.map(([severity, text, figures]) =>
        element('li', { 'data-level': severity }, text, ' ', element('span', { class: 'quiet' }, figures)),
      ),
    );
  }
  const name = `${process.service} ${process.version}`.trim();
  const age = figuresAgeS > 3 ? ` · figures of ${duration(figuresAgeS * 1000)} ago` : '';
  setText(
    byId('process'),
    `${name} · ${process.group === '' ? 'process' : `${process.group} of a group, process`} ${process.pid} · Node ${process.nodeVersion.replace(/^v/, '')} · up ${duration(process.uptimeS * 1000)}${age}`,
  );
  document.title = `${WORDS[level]} · ${name} · Loopsight`;
  announce(level, headline);
}

// The figures in the sentences move all the time: whoever listens is told when the verdict is another one.
function announce(level: VerdictLevel, headline: string): void {
  const said = byId('announced');
  const key = `${level} ${headline.replaceAll(/\d[\d.,]*/g, '0')}`;
  if (said.dataset.key === key) return;
  said.dataset.key = key;
  setText(said, headline);
}

function splitFigures(sentence: string): readonly [text: string, figures: string] {
  const [, text, figures] = /^(.*?) (\((?:[^()]|\([^()]*\))*, bound [^()]*\))\.$/.exec(sentence) ?? [];
  return text === undefined || figures === undefined ? [sentence, ''] : [`${text}.`, figures.slice(1, -1)];
}
