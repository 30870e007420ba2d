// A recording as text for people: what of it was written, and which functions took the most time.

import { rank, timeOf } from '../profile/hot.js';
import type { Profile } from '../profile/profile.js';
import { formatMs } from '../stalls/tell/stall-sentence.js';
import { counted, percent, printable } from '../status/wording.js';

const ROWS = 20;
const NAME_LENGTH = 48;

/** What was recorded, in a sentence without its end. */
export function recordedText(profile: Profile): string {
  const { pid, title, durationUs, threads } = profile;
  const samples = threads.reduce((sum, thread) => sum + thread.samples.length, 0);
  return `${formatMs(durationUs / 1000)} of process ${pid} (${printable(title)}), ${counted(samples, 'sample')} of ${counted(threads.length, 'thread')}`;
}

/** The functions with the most time of their own. Names cannot break a line or reach a terminal's controls. */
export function renderRecording(profile: Profile): string {
  const { busyUs, idleUs } = timeOf(profile);
  const rows = rank(profile, 'function');
  const share = (us: number) => percent(busyUs > 0 ? us / busyUs : 0).padStart(6);
  const lines = rows.slice(0, ROWS).map(({ name, place, selfUs, totalUs }) => {
    const shown = printable(name, NAME_LENGTH).padEnd(NAME_LENGTH);
    return `${share(selfUs)}  ${share(totalUs)}  ${shown}  ${place === '' ? '' : printable(place, 100)}`.trimEnd();
  });
  const all = busyUs + idleUs;
  const busy = `Its threads ran for ${formatMs(busyUs / 1000)} of ${formatMs(all / 1000)}, and were idle for the rest.`;
  const rest = rows.length - lines.length;
  return [
    `loopsight: ${recordedText(profile)}`,
    busy,
    '',
    ...(lines.length > 0 ? [`${'own'.padStart(6)}  ${'total'.padStart(6)}  function`, ...lines] : ['Nothing ran.']),
    ...(rest > 0 ? [`and ${counted(rest, 'more function')}; -o out.html shows all of them`] : []),
    '',
  ].join('\n');
}
