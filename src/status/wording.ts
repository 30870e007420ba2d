// Numbers, units and foreign text as they stand in a sentence on a terminal.

const LABEL_LENGTH = 60;

/** Three significant digits, as in `0.19` or `1240`. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A duration in the unit that reads best: `4 ms`, `3.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds === 0) return '0 s';
  if (seconds < 1) return `${figure(seconds * 1000)} ms`;
  if (seconds < 120) return `${figure(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A share of 1 as `93 %`, rounded down so that 100 % means all; one decimal below 10 %. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.floor(value + 1e-9)} %`;
}

/** Bytes as `1.4 GiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.max(Math.floor(Math.log2(Math.max(value, 1)) / 10), 0), units.length - 1);
  return `${figure(value / 1024 ** power)} ${units[power]}`;
}

/** `1 task`, `1,240 tasks`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${Math.round(value).toLocaleString('en-US')} ${value === 1 ? one : many}`;
}

// Controls, and what reorders or hides text: bidirectional marks, zero-width characters, lone surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Text from a label or a server, safe to print: one line, no control characters, at most 60 characters. */
export function printable(text: string, maximum = LABEL_LENGTH): string {
  const characters = [...text.replace(UNPRINTABLE, '').replace(/\s+/g, ' ').trim()];
  if (characters.length === 0) return '(no name)';
  return characters.length > maximum ? `${characters.slice(0, maximum - 1).join('')}…` : characters.join('');
}

/** JSON that a terminal can be shown: `JSON.stringify` leaves the controls beyond ASCII as they are, and some obey them. */
export function escapeControls(json: string): string {
  return json.replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
