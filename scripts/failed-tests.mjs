// Reads from a report in TAP which tests failed, where they are and why: the output of a long run is easily lost, its end is not.

const LINES_OF_A_REASON = 12;

/** Failed tests of a report of Node's test runner, a text each; not those that only contain a failed one. */
export function failedTests(tap) {
  const lines = tap.split('\n');
  return lines.flatMap((line, at) => {
    const [, indent, name] = /^( *)not ok \d+ - (.*)$/.exec(line) ?? [];
    if (indent === undefined) return [];
    const details = [];
    for (const detail of lines.slice(at + 1)) {
      if (detail.trim() === '...') break;
      details.push(detail.slice(indent.length + 2));
    }
    if (textOf(details, 'failureType') === 'subtestsFailed') return [];
    return [`${name} (${textOf(details, 'location') ?? 'nowhere'})\n${reason(details)}`];
  });
}

function textOf(details, key) {
  const line = details.find((detail) => detail.startsWith(`${key}: `));
  return line?.slice(key.length + 2).replace(/^'(.*)'$/, '$1');
}

/** The text of the error, of one line or of a block. */
function reason(details) {
  const text = textOf(details, 'error') ?? '';
  if (text !== '|-') return `  ${text}`;
  const block = [];
  const begin = details.findIndex((detail) => detail.startsWith('error: ')) + 1;
  for (const detail of details.slice(begin)) {
    if (detail !== '' && !detail.startsWith('  ')) break;
    block.push(detail);
  }
  return block.slice(0, LINES_OF_A_REASON).join('\n').trimEnd();
}
