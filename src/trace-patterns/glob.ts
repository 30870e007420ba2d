// Globs as in shells: `*` and `?` within a name, `**` over folders, `{a,b}` for one of several.

/** Splits `text` at the commas that are in no braces; parts are trimmed, empty ones left out. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '{') depth++;
    if (char === '}') depth--;
    if (char === ',' && depth <= 0) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part].map((one) => one.trim()).filter((one) => one !== '');
}

/** True where `text` means more than itself. */
export function isGlob(text: string): boolean {
  return /[*?{]/.test(text);
}

const expressions = new Map<string, RegExp>();

/** The expression for whole texts that `glob` matches; `**` alone crosses `/`. */
export function expressionOf(glob: string): RegExp {
  let expression = expressions.get(glob);
  if (expression === undefined) {
    expression = new RegExp(`^${sourceOf(glob)}$`);
    expressions.set(glob, expression);
  }
  return expression;
}

/** The folder that all matches of `glob` are below, without the last `/`; empty where there is none. */
export function fixedFolder(glob: string): string {
  const at = glob.search(/[*?{]/);
  const fixed = at === -1 ? glob : glob.slice(0, at);
  return fixed.slice(0, Math.max(fixed.lastIndexOf('/'), 0));
}

function sourceOf(glob: string): string {
  return glob.replaceAll(
    /\*\*\/|\*\*|\*|\?|\{([^{}]*)\}|[\\^$.|+()[\]{}]/g,
    (token: string, alternatives: string | undefined) => {
      if (alternatives !== undefined) return `(?:${alternatives.split(',').map(sourceOf).join('|')})`;
      if (token === '**/') return '(?:[^/]+/)*';
      if (token === '**') return '.*';
      if (token === '*') return '[^/]*';
      return token === '?' ? '[^/]' : `\\${token}`;
    },
  );
}
