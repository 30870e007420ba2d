// Whose time a sample is: the innermost code of the application on its stack, as for stalls. What that calls in packages, Node
// and the engine counts as its own, because that is where it can be changed.
import type { V8CallFrame } from '../profile/v8-profile.js';
import { functionName, pathOf, relativeFile } from '../stalls/blame/code-names.js';
import { type Frame, originOf, readFrames } from '../stalls/blame/frames.js';
import type { ProfileWindow } from './windows.js';

/** A function as series name it. */
export interface CodeName {
  readonly name: string;
  readonly file: string;
}

/** What samples of no code are; undefined is no time of the thread. */
const NO_CODE: CodeName = { name: '_none', file: '' };
const OWN_CODE: CodeName = { name: '_loopsight', file: '' };
const GARBAGE_COLLECTION: CodeName = { name: '_gc', file: '' };

/** Names the code of nodes of one window; undefined where the thread did nothing, or waited for a child process. */
export type Attribution = (place: number) => CodeName | undefined;

export interface AttributionOptions {
  /** The application's folder. */
  readonly root: string;
  /** Folder of Loopsight's own code; empty where it is not known. */
  readonly ownFolder: string;
  /** Names a place as its source has it. */
  readonly mapped: (frame: Frame) => Frame;
}

/** What is known of a node from its callers. */
interface Known {
  readonly origin: Frame['origin'];
  /** The function of the application, or of a package, that the time belongs to. */
  readonly application: CodeName | undefined;
  readonly package: CodeName | undefined;
  /** A named function of the same origin that a nameless one stands for. */
  readonly named: CodeName | undefined;
}

/** Creates the function that names code; what it looks up is kept from window to window. */
export function createAttribution({
  root,
  ownFolder,
  mapped,
}: AttributionOptions): (window: ProfileWindow) => Attribution {
  const names = new Map<string, { readonly frame: Frame; readonly code: CodeName }>();

  function nameOf(callFrame: V8CallFrame) {
    const key = `${callFrame.url}:${callFrame.lineNumber}:${callFrame.columnNumber}:${callFrame.functionName}`;
    let known = names.get(key);
    if (known === undefined) {
      const frame = mapped(frameOf(callFrame));
      known = { frame, code: { name: functionName(frame.function), file: relativeFile(frame.path, root) } };
      if (names.size >= NAMES_KEPT) names.clear();
      names.set(key, known);
    }
    return known;
  }

  return ({ frames, parents }) => {
    const nodes: (Known | undefined)[] = [];

    function knownOf(place: number): Known | undefined {
      // V8 lists callers first, so that nothing is deep here.
      for (let at = nodes.length; at <= place; at++) nodes.push(read(at));
      return nodes[place];
    }

    function read(place: number): Known | undefined {
      const callFrame = frames[place];
      if (callFrame === undefined || isEntry(callFrame)) return undefined;
      const caller = nodes[parents[place] ?? -1];
      if (isIn(ownFolder, callFrame)) {
        return {
          origin: 'node',
          application: caller?.application,
          package: caller?.package ?? OWN_CODE,
          named: undefined,
        };
      }
      const { frame, code } = nameOf(callFrame);
      const { origin } = frame;
      if (origin === 'node' || origin === 'engine') {
        const named = origin === 'engine' ? caller?.named : undefined;
        return { origin, application: caller?.application, package: caller?.package, named };
      }
      const before = caller?.origin === origin || caller?.origin === 'engine' ? caller.named : undefined;
      const named = frame.function === '' ? before : code;
      const shown = named ?? code;
      return origin === 'application'
        ? { origin, application: shown, package: caller?.package, named }
        : { origin, application: caller?.application, package: shown, named };
    }

    return (place) => {
      const callFrame = frames[place];
      if (callFrame === undefined || callFrame.functionName === '(idle)') return undefined;
      if (callFrame.functionName === '(garbage collector)') return GARBAGE_COLLECTION;
      if (waitsForChild(callFrame, frames[parents[place] ?? -1])) return undefined;
      const known = knownOf(place);
      return known?.application ?? known?.package ?? NO_CODE;
    };
  };
}

/** Functions of a large program. */
const NAMES_KEPT = 20_000;

/** A frame of a profile as those of captures are. */
function frameOf({ functionName: name, url, lineNumber, columnNumber }: V8CallFrame): Frame {
  const [line, column] = [lineNumber + 1, columnNumber + 1];
  const [frame] = readFrames([[name, url, line, column, false, line, column]]);
  return frame ?? { function: name, path: pathOf(url), line, column, origin: originOf(url), isAwaited: false };
}

/** Whether a function is of a file in `folder`, where that is known. */
export const isIn = (folder: string, { url }: V8CallFrame): boolean => folder !== '' && pathOf(url).startsWith(folder);

// V8's own entries have no file and are in parentheses: (root), (program), (idle), (garbage collector).
export const isEntry = ({ functionName: name, url }: V8CallFrame): boolean => url === '' && name.startsWith('(');

// `spawnSync` and its like sleep until the child has ended.
const waitsForChild = ({ functionName: name, url }: V8CallFrame, caller: V8CallFrame | undefined): boolean =>
  name === 'spawn' && url === '' && caller?.url === 'node:internal/child_process';
