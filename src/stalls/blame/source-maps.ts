// Places as the sources have them, through source maps; read by the observer, so that they cost the application nothing.
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathOf, withoutContentHash, withoutMinified } from './code-names.js';
import { declaredNameAt } from './declared-name.js';
import { type Frame, originOf } from './frames.js';
import { type DecodedMap, decodeSourceMap } from './source-map.js';

/** Places are kept; what a busy service stalls in are few. */
const PLACES_KEPT = 2000;
/** And files are, until their maps are larger than this together. */
const FILES_KEPT = 200;
const MAP_BYTES_KEPT = 48 * 1024 * 1024;
/** A larger file is not read: it would take the observer away from scrapes for too long. */
const SIZE_LIMIT_BYTES = 32 * 1024 * 1024;
/** No formatter leaves lines that are longer than this in the mean. */
const MINIFIED_LINE = 120;

interface GeneratedFile {
  readonly isMinified: boolean;
  readonly map: DecodedMap | undefined;
  /** What relative sources are relative to. */
  readonly folder: string;
}

export interface SourceMapperOptions {
  /** Larger files are not read. @default 32 MiB, which takes half a second */
  readonly limitBytes?: number;
  /** Where the lines of files are kept; otherwise a file is read again for each of its functions, and not kept. */
  readonly linesOf?: (path: string) => readonly string[] | undefined;
}

type Place = { readonly line: number; readonly column: number };
/** Where the name of the function stands that begins there. */
type FindDeclared = (path: string, begin: Place) => Place | undefined;

/** Creates the function that maps frames; it never throws. */
export function createSourceMapper({
  limitBytes = SIZE_LIMIT_BYTES,
  linesOf,
}: SourceMapperOptions = {}): (frame: Frame) => Frame {
  const declaredAt: FindDeclared =
    linesOf === undefined
      ? (path, { line, column }) => declaredNameAt(readText(path, limitBytes) ?? '', line, column)
      : (path, { line, column }) => {
          const found = declaredNameAt(linesOf(path)?.[line - 1] ?? '', 1, column);
          return found === undefined ? undefined : { line, column: found.column };
        };
  const places = new Map<string, Partial<Frame>>();
  const files = new Map<string, GeneratedFile>();
  let mapBytes = 0;

  function fileAt(path: string): GeneratedFile {
    let file = files.get(path);
    if (file !== undefined) return file;
    file = load(path, limitBytes);
    mapBytes += file.map?.byteLength ?? 0;
    if (files.size >= FILES_KEPT || mapBytes > MAP_BYTES_KEPT) {
      files.clear();
      mapBytes = file.map?.byteLength ?? 0;
    }
    files.set(path, file);
    return file;
  }

  return (frame) => {
    if (frame.origin === 'node' || frame.origin === 'engine' || !isAbsolute(frame.path)) return frame;
    const { function: name, path, line, column, begin } = frame;
    const key = `${path}\n${line}:${column}:${begin?.line}:${begin?.column}\n${name}`;
    let place = places.get(key);
    if (place === undefined) {
      place = placeIn(fileAt(path), frame, declaredAt);
      if (places.size >= PLACES_KEPT) places.clear();
      places.set(key, place);
    }
    return { ...frame, ...place };
  };
}

function placeIn({ isMinified, map, folder }: GeneratedFile, frame: Frame, declaredAt: FindDeclared): Partial<Frame> {
  const name = map === undefined ? undefined : originalName(map, frame, declaredAt);
  const kept = isMinified && frame.function !== '' ? withoutMinified(frame.function) : frame.function;
  const place = map?.find(frame.line, frame.column);
  if (place === undefined) return { function: name ?? kept, path: withoutContentHash(frame.path) };
  const path = sourcePath(place.source, folder);
  return { function: name ?? kept, path, origin: originOf(path), line: place.line, column: place.column };
}

// A minifier or a bundler renamed the function: the map knows what stood where its new name is declared.
function originalName(
  map: DecodedMap,
  { path, function: name, begin }: Frame,
  declaredAt: FindDeclared,
): string | undefined {
  if (begin === undefined || name === '') return undefined;
  const declared = declaredAt(path, begin);
  const original = declared === undefined ? undefined : map.find(declared.line, declared.column)?.name;
  // V8 writes the class of `this` before it, as `Invoice.render` or `new Invoice`.
  return original === undefined
    ? undefined
    : name.replace(/^(new |get |set )?.*$/s, `$1${original.replaceAll('$', '$$$$')}`);
}

function load(path: string, limitBytes: number): GeneratedFile {
  const text = readText(path, limitBytes) ?? '';
  const url = mapUrl(text);
  const isMinified = text.length - (url?.length ?? 0) > MINIFIED_LINE * text.split('\n').length;
  try {
    return { isMinified, ...loadMap(path, url ?? '', limitBytes) };
  } catch {
    // No map or a broken one: places stay as the engine names them.
    return { isMinified, map: undefined, folder: dirname(path) };
  }
}

function loadMap(path: string, url: string, limitBytes: number): { map: DecodedMap | undefined; folder: string } {
  const inline = /^data:application\/json[^,]*,/.exec(url)?.[0];
  if (inline !== undefined) {
    const data = url.slice(inline.length);
    const text = inline.includes(';base64') ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
    return { map: decodeSourceMap(JSON.parse(text)), folder: dirname(path) };
  }
  // Maps that are kept from browsers lie beside the file, which does not speak of them.
  const file = url === '' ? `${path}.map` : mapFile(url, dirname(path));
  const text = readText(file, limitBytes);
  return { map: text === undefined ? undefined : decodeSourceMap(JSON.parse(text)), folder: dirname(file) };
}

const mapFile = (url: string, folder: string): string =>
  url.startsWith('file:') ? fileURLToPath(url) : resolve(folder, decodeURIComponent(url.replace(/[?#].*$/s, '')));

// A comment can name anything: a device without an end, a pipe that nobody writes to.
function readText(path: string, limitBytes: number): string | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= limitBytes && stats.size > 0 ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function mapUrl(text: string): string | undefined {
  const at = Math.max(text.lastIndexOf('//# sourceMappingURL='), text.lastIndexOf('//@ sourceMappingURL='));
  return at === -1 ? undefined : /^[^\s'"`]+(?=\s|$)/.exec(text.slice(at + '//# sourceMappingURL='.length))?.[0];
}

// Sources with a scheme, as `webpack://shop/./src/x.ts`, belong to no folder of the machine.
function sourcePath(source: string, folder: string): string {
  if (source.startsWith('file:')) return pathOf(source);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source) || isAbsolute(source) ? source : resolve(folder, source);
}
