// What belongs to Node and to OpenTelemetry's API: changed in place it would change for the whole process, and for us who
// use it to trace a call.
import { builtinModules } from 'node:module';
import * as api from '@opentelemetry/api';

interface NodeProcess {
  /** The built-in modules that were loaded so far, each after the words "NativeModule". */
  readonly moduleLoadList?: readonly string[];
  getBuiltinModule?(name: string): unknown;
}

const LISTED = 'NativeModule ';
const PUBLIC: ReadonlySet<string> = new Set(builtinModules);

const known = new WeakSet<object>([globalThis, process, console, Math, JSON, Reflect, Atomics, Intl]);
const holders: object[] = [];
/** How much of the list of loaded modules was gone through. */
let seen = 0;

/** True for built-in modules of Node, for the classes and objects that they and the language bring, and for those of the API. */
export function isBuiltIn(value: object): boolean {
  addLoaded(process as NodeProcess);
  return known.has(value) || isGlobal(value) || holders.some((holder) => isBehindGetter(holder, value));
}

// Asked for by its name alone: some of them are loaded, with half of Node, when anybody looks at their property.
function isGlobal(value: object): boolean {
  try {
    const name: unknown = typeof value === 'function' ? value.name : undefined;
    return typeof name === 'string' && Object.hasOwn(globalThis, name) && Reflect.get(globalThis, name) === value;
  } catch {
    return false;
  }
}

// Some of their classes are made when somebody asks for them, which whoever has one did.
function isBehindGetter(holder: object, value: object): boolean {
  try {
    const name: unknown = typeof value === 'function' ? value.name : undefined;
    if (typeof name !== 'string' || Object.getOwnPropertyDescriptor(holder, name)?.get === undefined) return false;
    return Reflect.get(holder, name) === value;
  } catch {
    return false;
  }
}

// Who has something of a built-in module has loaded it; to load more of them would be dear.
function addLoaded({ moduleLoadList = [], getBuiltinModule }: NodeProcess): void {
  if (seen === 0) addValues(api);
  if (moduleLoadList.length === seen) return;
  const names = moduleLoadList.slice(seen).flatMap((one) => (one.startsWith(LISTED) ? [one.slice(LISTED.length)] : []));
  seen = moduleLoadList.length;
  for (const name of names.includes('internal/fs/promises') ? [...names, 'fs/promises'] : names) {
    const module: unknown = PUBLIC.has(name) ? getBuiltinModule?.(name) : undefined;
    if ((typeof module !== 'object' && typeof module !== 'function') || module === null) continue;
    known.add(module);
    holders.push(module);
    addValues(module);
  }
}

function addValues(holder: object): void {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(holder))) {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') known.add(value);
  }
}
