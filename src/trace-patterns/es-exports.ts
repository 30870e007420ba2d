// What an ES module exports, by its code: which name of its own each export is, and what has to change in the code so that
// the name can be given another value. Changes keep every position: they are as long as what they replace.
import { scanTopLevel } from './code-scan.js';

/** An export that the module declares itself. */
export interface OwnExport {
  readonly name: string;
  /** The module's own name of it, and what can be assigned to once `edit` was made. */
  readonly local: string;
  /** What makes the name assignable; none where it is. */
  readonly edit?: Edit;
}

/** Code to replace by code of the same length, and lines to add at the end. */
export interface Edit {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly appended?: string;
}

/** An export that is passed on; without names all of them are. */
export interface PassedExport {
  readonly specifier: string;
  readonly name: string | undefined;
  readonly original: string | undefined;
}

export interface EsExports {
  readonly own: readonly OwnExport[];
  readonly passed: readonly PassedExport[];
}

/** The own name of an export that has none. */
export const DEFAULT_NAME = '$default';

const NAME = String.raw`[\p{ID_Start}_$][\p{ID_Continue}$\u200c\u200d]*`;
const END = String.raw`(?![\p{ID_Continue}$])`;
/** What may stand between any two words. */
const GAP = String.raw`(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)`;
const at = (source: string) => new RegExp(source, 'uy');
const FUNCTION = at(
  String.raw`export(\s+default)?\s+((?:async\s+)?function\b\s*\*?|(?:abstract\s+)?class\b)[ \t]*(?!extends\b|implements\b)(${NAME})?`,
);
/** What follows where a function or a class has no name. */
const NAMELESS = at(String.raw`\s*(?:[(<{]|(?:extends|implements)\b)`);
const VARIABLE = at(String.raw`export\s+(const|let|var)\s+(${NAME})${END}`);
const DESTRUCTURED = at(String.raw`export\s+(const|let|var)\s*\{([^{}]*)\}`);
const PROPERTY = new RegExp(String.raw`^(${NAME})(?:\s*:\s*(${NAME}))?$`, 'u');
const DEFAULT = at(
  String.raw`export default${END}(?!${GAP}*(?:@|(?:async${GAP}+function|function|class|abstract|interface|enum)\b))`,
);
const LIST = at(String.raw`export\s*\{([^{}]*)\}(?:\s*from\s*(['"])([^'"\n]+)\2)?`);
const STAR = at(String.raw`export\s*\*\s*from\s*(['"])([^'"\n]+)\1`);
const IMPORT = at(String.raw`import\s*(?:${NAME}\s*,\s*)?\{([^{}]*)\}\s*from\s*(['"])([^'"\n]+)\2`);
/** Another import of the same module would need the same. */
const ATTRIBUTES = at(String.raw`${GAP}*(?:with|assert)${GAP}*\{`);
const CONSTANT = at(String.raw`const\s+(${NAME})${END}`);
const ITEM = new RegExp(String.raw`^(${NAME})(?:\s+as\s+(${NAME}))?$`, 'u');

interface Imported {
  readonly specifier: string;
  readonly original: string;
}

/** Reads the exports of `code`; undefined where the code cannot be followed. */
export function exportsOf(code: string): EsExports | undefined {
  const words = scanTopLevel(code);
  if (words === undefined) return undefined;
  const match = (expression: RegExp, index: number): RegExpExecArray | null => {
    expression.lastIndex = index;
    return expression.exec(code);
  };
  const hasAttributes = ([whole]: RegExpExecArray, index: number) => match(ATTRIBUTES, index + whole.length) !== null;
  const constants = new Map<string, number>();
  const imported = new Map<string, Imported>();
  const own: OwnExport[] = [];
  const passed: PassedExport[] = [];
  const lists: (readonly [local: string, name: string])[] = [];

  for (const { word, at: index } of words) {
    if (word === 'const') {
      const constant = match(CONSTANT, index);
      if (constant?.[1] !== undefined) constants.set(constant[1], index);
      continue;
    }
    if (word === 'import') {
      const statement = match(IMPORT, index);
      if (statement === null || hasAttributes(statement, index)) continue;
      const [, list = '', , specifier = ''] = statement;
      for (const [original, name] of itemsOf(list)) imported.set(name, { specifier, original });
      continue;
    }
    const declared = match(FUNCTION, index);
    if (declared !== null) {
      const isNameless = match(NAMELESS, index + declared[0].length) !== null;
      const found = ownFunction(declared, index, isNameless);
      if (found !== undefined) own.push(found);
      continue;
    }
    const variable = match(VARIABLE, index);
    if (variable !== null) {
      const [, kind = '', name = ''] = variable;
      if (kind === 'const' && name === 'enum') continue;
      own.push({ name, local: name });
      continue;
    }
    const destructured = match(DESTRUCTURED, index);
    if (destructured !== null) {
      own.push(...ownProperties(destructured, index));
      continue;
    }
    if (match(DEFAULT, index) !== null) {
      own.push({ name: 'default', local: DEFAULT_NAME, edit: defaultValue(index) });
      continue;
    }
    const star = match(STAR, index);
    if (star !== null) {
      if (hasAttributes(star, index)) continue;
      passed.push({ specifier: star[2] ?? '', name: undefined, original: undefined });
      continue;
    }
    const exported = match(LIST, index);
    if (exported === null || hasAttributes(exported, index)) continue;
    const [, list = '', , specifier] = exported;
    for (const [original, name] of itemsOf(list)) {
      if (specifier === undefined) lists.push([original, name]);
      else passed.push({ specifier, name, original });
    }
  }
  for (const [local, name] of lists) {
    const source = imported.get(local);
    if (source === undefined) own.push({ name, local });
    else passed.push({ specifier: source.specifier, name, original: source.original });
  }
  return { own: own.map((found) => assignable(found, constants)), passed };
}

function assignable(found: OwnExport, constants: ReadonlyMap<string, number>): OwnExport {
  const constant = constants.get(found.local);
  return found.edit !== undefined || constant === undefined
    ? found
    : { ...found, edit: { at: constant, from: 'const', to: 'let  ' } };
}

// `export const { one, two: other } = …`: one edit makes all of them assignable.
function ownProperties([whole, kind, list = '']: RegExpExecArray, index: number): OwnExport[] {
  const edit: Edit = { at: index + whole.indexOf('const'), from: 'const', to: 'let  ' };
  // Commas in defaults separate no names.
  if (/[([]/.test(list)) return [];
  return withoutComments(list).flatMap((item) => {
    const [, property, renamed = property] = PROPERTY.exec(item) ?? [];
    if (renamed === undefined) return [];
    return [{ name: renamed, local: renamed, ...(kind === 'const' ? { edit } : {}) }];
  });
}

function ownFunction(
  [whole, isDefault, kind = '', name]: RegExpExecArray,
  index: number,
  isNameless: boolean,
): OwnExport | undefined {
  if (name !== undefined) return { name: isDefault === undefined ? name : 'default', local: name };
  if (isDefault === undefined || !isNameless) return undefined;
  // A declaration stays one, so that it is there before the module is evaluated.
  const to = `${kind.trimEnd()} ${DEFAULT_NAME}`.padEnd(whole.length);
  if (to.length > whole.length || whole.includes('\n')) return undefined;
  const appended = `export { ${DEFAULT_NAME} as default }; `;
  return { name: 'default', local: DEFAULT_NAME, edit: { at: index, from: whole, to, appended } };
}

function defaultValue(index: number): Edit {
  const from = 'export default';
  return { at: index, from, to: `let ${DEFAULT_NAME} =`, appended: `export { ${DEFAULT_NAME} as default }; ` };
}

function itemsOf(list: string): (readonly [original: string, name: string])[] {
  return withoutComments(list).flatMap((item) => {
    const [, original, name] = ITEM.exec(item) ?? [];
    return original === undefined || original === 'type' ? [] : [[original, name ?? original] as const];
  });
}

// Comments have commas too.
function withoutComments(list: string): string[] {
  const code = list.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  return code.split(',').map((item) => item.trim());
}
