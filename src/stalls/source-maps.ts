// Places as the sources have them, through source maps; read by the observer, so that they cost the application nothing.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Frame, looksMinified, MINIFIED, originOf, withoutContentHash } from './frames.js';

/** Maps are kept for this many files; what a busy service stalls in are few. */
const CACHE_LIMIT = 50;
/** A map larger than this is not read: parsing it would take the observer away from scrapes for too long. */
const SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

interface Mapping {
  readonly map: SourceMap;
  readonly folder: string;
}

/** Creates the function that maps frames; it never throws. */
export function createSourceMapper(): (frame: Frame) => Frame {
  const mappings = new Map<string, Mapping | undefined>();

  function mappingOf(path: string): Mapping | undefined {
    if (mappings.has(path)) return mappings.get(path);
    if (mappings.size >= CACHE_LIMIT) mappings.clear();
    let mapping: Mapping | undefined;
    try {
      mapping = load(path);
    } catch {
      // No file, no map or a broken one: the place stays as the engine names it.
    }
    mappings.set(path, mapping);
    return mapping;
  }

  return (frame) => {
    if (frame.origin === 'node' || frame.origin === 'engine' || !isAbsolute(frame.path)) return frame;
    const mapping = mappingOf(frame.path);
    if (mapping === undefined) {
      const path = withoutContentHash(frame.path);
      if (looksMinified(frame.function, frame.column)) return { ...frame, path, function: MINIFIED };
      return path === frame.path ? frame : { ...frame, path };
    }
    const entry = mapping.map.findEntry(frame.line - 1, frame.column - 1) as Partial<{
      originalSource: string;
      originalLine: number;
      originalColumn: number;
      name: string;
    }>;
    if (entry.originalSource === undefined || entry.originalLine === undefined) return frame;
    const path = sourcePath(entry.originalSource, mapping.folder);
    const isMinified = looksMinified(frame.function, frame.column);
    return {
      ...frame,
      path,
      origin: originOf(path),
      function: isMinified ? MINIFIED : frame.function,
      line: entry.originalLine + 1,
      column: (entry.originalColumn ?? 0) + 1,
    };
  };
}

function load(path: string): Mapping | undefined {
  const url = lastMapUrl(readFileSync(path, 'utf8'));
  if (url === undefined) return undefined;
  const inline = /^data:application\/json[^,]*,/.exec(url);
  if (inline !== null) {
    const data = url.slice(inline[0].length);
    const text = inline[0].includes(';base64') ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
    return parse(text, dirname(path));
  }
  const file = url.startsWith('file://') ? fileURLToPath(url) : resolve(dirname(path), decodeURIComponent(url));
  return parse(readFileSync(file, 'utf8'), dirname(file));
}

function parse(text: string, folder: string): Mapping | undefined {
  if (text.length > SIZE_LIMIT_BYTES) return undefined;
  return { map: new SourceMap(JSON.parse(text)), folder };
}

function lastMapUrl(source: string): string | undefined {
  const at = source.lastIndexOf('//# sourceMappingURL=');
  if (at === -1) return undefined;
  return /^\S+/.exec(source.slice(at + '//# sourceMappingURL='.length))?.[0];
}

// Bundlers write sources as `webpack://name/./src/x.ts`; those have no folder of the machine in them.
function sourcePath(source: string, folder: string): string {
  if (source.startsWith('file://')) return fileURLToPath(source);
  if (/^[a-z-]+:\/\//i.test(source)) return source.replace(/^[a-z-]+:\/\/[^/]*\//i, '').replace(/^\.\//, '');
  return isAbsolute(source) ? source : resolve(folder, source);
}
