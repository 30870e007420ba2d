// The code of a traced ES module: constants whose value is to be replaced become variables, and the lines at the end tell
// the module's exports once it was evaluated (told-modules.ts).
import { DEFAULT_NAME, type EsExports, exportsOf, type OwnExport, type PassedExport } from './es-exports.js';

/** Where the listener is, in the state that all copies of the package share; a module may have a `Symbol` of its own. */
const TOLD = `globalThis[globalThis.Symbol.for('loopsight.v1')]?.tracedModules`;

export interface TracedCode {
  /** Whether the export itself is replaced; where only members are, nothing has to change. */
  isReplaced(name: string): boolean;
  /** Told of each export that the module passes on. */
  passes(passed: PassedExport): void;
  /** Whether a module can be imported once more to look at what it exports. */
  isThere(specifier: string): boolean;
}

/** The code to run instead of `code`, the ES module at `url`; the same where nothing can be told or changed. */
export function traceCode(code: string, url: string, traced: TracedCode): string {
  const found = exportsOf(code);
  if (found === undefined) return code;
  for (const passed of found.passed) traced.passes(passed);
  const isNameFree = !code.includes(DEFAULT_NAME);
  const edits = found.own.flatMap(({ name, edit }) =>
    edit !== undefined && traced.isReplaced(name) && (isNameFree || edit.from === 'const') ? [edit] : [],
  );
  const edited = [...new Map(edits.map((edit) => [edit.at, edit])).values()].sort((one, other) => one.at - other.at);
  let changed = '';
  let done = 0;
  for (const { at, from, to } of edited) {
    changed += code.slice(done, at) + to;
    done = at + from.length;
  }
  changed += code.slice(done);
  // Overloads of TypeScript are several declarations of one export.
  const appended = [...new Set(edited.map(({ appended: lines = '' }) => lines))].join('');
  const isEdited = ({ edit }: OwnExport) => edit === undefined || edited.includes(edit);
  const lines = code.includes(TOLD) ? '' : tellingLines(found, url, isEdited, traced);
  return lines === '' && appended === '' ? changed : `${changed}\n;${appended}${lines}\n`;
}

// One function that reads all exports and one that replaces any: two for each of them would be dear to compile. Names that
// the module may have itself must not be hidden, and whatever it made of global names, its evaluation must not fail.
function tellingLines(
  { own, passed }: EsExports,
  url: string,
  isEdited: (found: OwnExport) => boolean,
  { isThere }: TracedCode,
): string {
  const imports = new Map<string, string>();
  for (const { specifier } of passed) {
    if (!imports.has(specifier) && isThere(specifier)) imports.set(specifier, `loopsight$passed${imports.size}`);
  }
  const values: string[] = [];
  const setters: string[] = [];
  // A name needs no more to be a text.
  const quoted = (name: string) => `"${name}"`;
  for (const found of own) {
    const { name, local } = found;
    if (isEdited(found)) setters.push(`case ${quoted(name)}: ${local} = loopsight$value; return true;`);
    // A constant that is not replaced can be read all the same; a default without a name cannot.
    if (isEdited(found) || local !== DEFAULT_NAME) values.push(`[${quoted(name)}, ${local}]`);
  }
  const stars: string[] = [];
  const passedOn: string[] = [];
  for (const { specifier, name, original } of passed) {
    const module = imports.get(specifier);
    if (module === undefined) continue;
    if (name === undefined || original === undefined) stars.push(module);
    else passedOn.push(`[${quoted(name)}, ${module}, ${quoted(original)}]`);
  }
  if (values.length === 0 && stars.length === 0 && passedOn.length === 0) return '';
  const lines = [...imports]
    .map(([specifier, name]) => `import * as ${name} from ${JSON.stringify(specifier)}; `)
    .join('');
  const read = `() => [${values.join(', ')}]`;
  const write = `(loopsight$name, loopsight$value) => { switch (loopsight$name) { ${setters.join(' ')} } }`;
  const told = `${JSON.stringify(url)}, ${read}, ${write}, [${stars.join(', ')}], [${passedOn.join(', ')}]`;
  return `${lines}try { ${TOLD}?.told(${told}); } catch {}`;
}
