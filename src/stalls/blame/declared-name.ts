// Where a function is given its name, in the text of the generated code.

const FUNCTION = /^(?:async\s*)?function\s*\*?\s*([\w$]+)/;
// The engine has functions begin at their parameters, behind the keyword and the name.
const NAMED = /\bfunction(?:\s*\*\s*|\s+)([\w$]+)\s*$/;
const ASSIGNED = /([\w$]+)\s*[=:]\s*(?:(?:async\s+)?function\s*\*?\s*)?$/;
/** What a name and its assignment take at the most. */
const REACH = 200;

/**
 * The place of the name of the function that begins at `line` and `column`: in its head, or in the assignment before it,
 * which V8 infers names from. All count from 1. Undefined where there is none, as for methods, which nobody renames.
 */
export function declaredNameAt(
  text: string,
  line: number,
  column: number,
): { readonly line: number; readonly column: number } | undefined {
  let lineStart = 0;
  for (let before = 1; before < line; before++) {
    const end = text.indexOf('\n', lineStart);
    if (end === -1) return undefined;
    lineStart = end + 1;
  }
  const begin = lineStart + column - 1;
  const head = FUNCTION.exec(text.slice(begin, begin + REACH));
  if (head?.[1] !== undefined) return { line, column: column + head[0].length - head[1].length };
  const before = text.slice(Math.max(lineStart, begin - REACH), begin);
  const named = NAMED.exec(before);
  if (named?.[1] !== undefined) return { line, column: column - named[0].length + named[0].lastIndexOf(named[1]) };
  const assigned = ASSIGNED.exec(before);
  return assigned === null ? undefined : { line, column: column - assigned[0].length };
}
