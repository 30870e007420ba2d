// What an ES module exports under which of its own names, and the lines that tell it when the module was evaluated. The
// bindings of a module can be changed by its own code alone, so the lines are added at its end: nothing moves, no module
// stands between it and those who import it, and where an export cannot be told it is left out.

/** Where the listener is, in the state that all copies of the package share. */
const LISTENER = `globalThis[Symbol.for('loopsight.v1')]?.esModules`;

const NAME = String.raw`[A-Za-z_$][\w$]*`;
const DECLARED = new RegExp(
  String.raw`^[ \t]*export[ \t]+(default[ \t]+)?(?:(?:async[ \t]+)?function[ \t]*\*?[ \t]*|class[ \t]+|const[ \t]+|let[ \t]+|var[ \t]+)(${NAME})`,
  'gm',
);
const NAMED_DEFAULT = new RegExp(String.raw`^[ \t]*export[ \t]+default[ \t]+(${NAME})[ \t]*;?[ \t]*$`, 'gm');
const LIST = /(?:^|[;}])[ \t]*export[ \t]*\{([^{}]*)\}(?:[ \t]*from[ \t]*(['"])([^'"\n]+)\2)?/gm;
const STAR = /^[ \t]*export[ \t]*\*[ \t]*from[ \t]*(['"])([^'"\n]+)\1/gm;
const ITEM = new RegExp(String.raw`^(${NAME})(?:\s+as\s+(${NAME}))?$`);
const RESERVED: ReadonlySet<string> = new Set(
  'extends function class await async new null this true false void typeof default import yield super'.split(' '),
);

/** An export: its name, and the expression that reads it; `isLocal` where that is a name of the module itself. */
interface FoundExport {
  readonly name: string;
  readonly value: string;
  readonly isLocal: boolean;
}

/**
 * The lines to add to `source`, the code of the ES module at `url`; empty where it exports nothing that can be told.
 * `isThere` tells whether a module that it exports from can be imported once more.
 */
export function listeningLines(source: string, url: string, isThere: (specifier: string) => boolean): string {
  if (source.includes(LISTENER)) return '';
  const imports: string[] = [];
  const importOf = (specifier: string): string | undefined => {
    // What is no code may only be imported with attributes.
    if (!specifier.startsWith('.') || specifier.endsWith('.json') || !isThere(specifier)) return undefined;
    const name = `loopsight$${imports.length}`;
    imports.push(`import * as ${name} from ${JSON.stringify(specifier)};`);
    return name;
  };
  const found = [...declaredIn(source), ...listedIn(source, importOf)];
  const stars = [...source.matchAll(STAR)].flatMap((match) => importOf(match[2] ?? '') ?? []);
  if (found.length === 0 && stars.length === 0) return '';
  const entries = found.map(({ name, value, isLocal }) => {
    const setter = isLocal ? `, (value) => { ${value} = value; }` : '';
    return `[${JSON.stringify(name)}, () => ${value}${setter}]`;
  });
  const told = `told.evaluated(${JSON.stringify(url)}, [${entries.join(', ')}], [${stars.join(', ')}])`;
  return `\n;${imports.join(' ')}{ const told = ${LISTENER}; if (told !== undefined) ${told}; }\n`;
}

function declaredIn(source: string): FoundExport[] {
  const declared = [...source.matchAll(DECLARED)].map(([, isDefault, name = '']) => ({
    name: isDefault === undefined ? name : 'default',
    value: name,
    isLocal: true,
  }));
  // `export default name;` exports the value that the name has then: it can be read, not changed.
  const named = [...source.matchAll(NAMED_DEFAULT)].map(([, value = '']) => ({
    name: 'default',
    value,
    isLocal: false,
  }));
  return [...declared, ...named].filter(({ value }) => !RESERVED.has(value));
}

function listedIn(source: string, importOf: (specifier: string) => string | undefined): FoundExport[] {
  return [...source.matchAll(LIST)].flatMap(([, list = '', , specifier]): FoundExport[] => {
    const items = list.split(',').flatMap((item) => {
      const [, own, exported] = ITEM.exec(item.trim()) ?? [];
      return own === undefined ? [] : [{ own, name: exported ?? own }];
    });
    if (specifier === undefined) {
      return items
        .filter(({ own }) => !RESERVED.has(own))
        .map(({ own, name }) => ({ name, value: own, isLocal: true }));
    }
    const module = items.length === 0 ? undefined : importOf(specifier);
    if (module === undefined) return [];
    return items.map(({ own, name }) => ({ name, value: `${module}.${own}`, isLocal: false }));
  });
}
