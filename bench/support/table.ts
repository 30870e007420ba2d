// What the benchmarks print: headings, plain tables, and whether a goal was met.

/** Prints the title of a part. */
export function printHeading(title: string): void {
  console.log(`\n${title}\n${'─'.repeat(title.length)}`);
}

/** Prints `rows` under `head`; the first column is text, the others are figures. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  for (const row of [head, widths.map((width) => '-'.repeat(width)), ...rows]) {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? '';
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
}

/** Prints `rows` under `head` as Markdown; the first column is text, the others are figures. */
export function printMarkdownTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const rule = head.map((title) => (title === '' ? '---' : '---:'));
  for (const row of [head, rule, ...rows]) console.log(`| ${row.join(' | ')} |`);
}

/** Prints a goal, the figure beside it and whether it was met; nothing is asserted. */
export function printGoal(goal: string, figure: string, met: boolean): void {
  console.log(`  ${met ? 'met' : 'MISSED'}: ${goal}: ${figure}`);
}

/** `value` with `digits` decimals. */
export function fixed(value: number, digits = 1): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits);
}

/** `value`, which is a ratio, as a change in percent. */
export function percent(value: number, digits = 1): string {
  const change = (value - 1) * 100;
  return `${change < 0 ? '' : '+'}${change.toFixed(digits)} %`;
}
