// A profile in Callgrind's format (https://valgrind.org/docs/manual/cl-format.html), with the time of every line.
import { VERSION } from '../version.js';
import { nameOf } from './place.js';
import type { Profile } from './profile.js';
import { outermostOf, totalsOf } from './tree.js';

/** How Callgrind calls a file that is not known. */
const NO_FILE = '???';

interface Cost {
  readonly lines: Map<number, number>;
  /** Time of what it called, by function. */
  readonly calls: Map<number, number>;
}

/**
 * Writes a profile for KCachegrind and `callgrind_annotate`, in microseconds; the idle loop is left out. A call of a function
 * that is on the stack already costs nothing, so that a recursion counts once in the total of its function. How often
 * functions were called is not known: every call stands for any number of them.
 */
export function writeCallgrind(profile: Profile): string {
  const costs = new Map<number, Cost>();
  const costOf = (code: number): Cost => {
    let cost = costs.get(code);
    if (cost === undefined) {
      cost = { lines: new Map(), calls: new Map() };
      costs.set(code, cost);
    }
    return cost;
  };
  const names = callgrindNames(profile);
  let summary = 0;
  for (const [number, { nodes, thread }] of profile.threads.entries()) {
    // A thread calls what nothing else called.
    const threadCode = profile.functions.length + number;
    names.push({ file: NO_FILE, name: `(thread ${number}) ${nameOf({ ...NAMELESS, name: thread })}`, line: 0 });
    costOf(threadCode);
    const totals = totalsOf(nodes, profile.functions);
    const outermost = outermostOf(nodes, (node) => (node === nodes[0] ? -1 : node.function));
    for (const [index, node] of nodes.entries()) {
      const code = profile.functions[node.function];
      if (index === 0 || code === undefined || code.origin === 'idle') continue;
      const { lines } = costOf(node.function);
      let rest = node.selfUs;
      for (const [line, us] of node.lines) {
        add(lines, line, us);
        rest -= us;
      }
      if (rest > 0) add(lines, code.line, rest);
      summary += node.selfUs;
      const caller = node.parent > 0 ? (nodes[node.parent]?.function ?? threadCode) : threadCode;
      add(costOf(caller).calls, node.function, outermost[index] === 1 ? (totals[index] ?? 0) : 0);
    }
  }
  const out = header(profile, summary);
  const mention = compressed();
  for (const [code, cost] of costs) writeFunction(out, names, mention, code, cost);
  return `${out.join('\n')}\n`;
}

const NAMELESS = { name: '', file: '', line: 0, column: 0, origin: 'engine', package: '' } as const;

const add = (sums: Map<number, number>, key: number, us: number) => sums.set(key, (sums.get(key) ?? 0) + us);

function header({ pid, title, notes, durationUs }: Profile, summary: number): string[] {
  return [
    '# callgrind format',
    'version: 1',
    `creator: loopsight ${VERSION}`,
    `pid: ${pid}`,
    `cmd: ${oneLine(title)}`,
    `desc: Duration: ${Math.round(durationUs)} us`,
    ...notes.map((note) => `desc: Note: ${oneLine(note)}`),
    'positions: line',
    'event: us : Microseconds',
    'events: us',
    `summary: ${Math.round(summary)}`,
    '',
  ];
}

type Mention = ReturnType<typeof compressed>;

// A name stands behind a number when it is first mentioned, and is that number from then on; a name that looks like a number
// itself can so be none.
function compressed() {
  const [files, functions] = [new Map<string, number>(), new Map<string, number>()];
  const mention = (known: Map<string, number>, name: string): string => {
    const id = known.get(name);
    if (id !== undefined) return `(${id})`;
    known.set(name, known.size + 1);
    return `(${known.size}) ${name}`;
  };
  return { file: (name: string) => mention(files, name), function: (name: string) => mention(functions, name) };
}

function writeFunction(
  out: string[],
  names: readonly CallgrindName[],
  mention: Mention,
  code: number,
  { lines, calls }: Cost,
): void {
  const own = names[code];
  if (own === undefined) return;
  out.push(`fl=${mention.file(own.file)}`, `fn=${mention.function(own.name)}`);
  // callgrind_annotate expects a cost of its own of each function, where it shows sources.
  if (lines.size === 0) out.push(`${own.line} 0`);
  for (const [line, us] of [...lines].sort(([a], [b]) => a - b)) out.push(`${line} ${Math.round(us)}`);
  for (const [callee, us] of calls) {
    const called = names[callee];
    if (called === undefined) continue;
    out.push(`cfi=${mention.file(called.file)}`, `cfn=${mention.function(called.name)}`);
    // Without a count, readers would take the cost of the call for that of the function.
    out.push(`calls=1 ${called.line}`, `${own.line} ${Math.round(us)}`);
  }
  out.push('');
}

interface CallgrindName {
  readonly file: string;
  readonly name: string;
  readonly line: number;
}

// Readers know a function by its file and name, so that those of one name in one file get their place behind it.
function callgrindNames({ functions }: Profile): CallgrindName[] {
  const plain = functions.map((code) => ({ file: fileName(code.file), name: nameOf(code), line: code.line }));
  const counts = new Map<string, number>();
  for (const own of plain) counts.set(keyOf(own), (counts.get(keyOf(own)) ?? 0) + 1);
  const taken = new Set<string>();
  return plain.map((own, index) => {
    let { name } = own;
    if ((counts.get(keyOf(own)) ?? 0) > 1) name = `${name} ${own.line}:${functions[index]?.column ?? 0}`;
    if (taken.has(keyOf({ ...own, name }))) name = `${name} #${index}`;
    taken.add(keyOf({ ...own, name }));
    return { ...own, name };
  });
}

const keyOf = ({ file, name }: Pick<CallgrindName, 'file' | 'name'>): string => `${file}\n${name}`;

function fileName(file: string): string {
  const path = oneLine(file).trim();
  return path === '' ? NO_FILE : path;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
