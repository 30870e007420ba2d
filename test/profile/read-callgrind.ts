// Reads Callgrind's format as its manual has it, apart from what writes it.

export interface CalledFunction {
  self: number;
  /** Time of all calls of it: its total. */
  calledFor: number;
}

/** The functions of a file, by `file:name`. Throws where a line is not the format's. */
export function readCallgrind(text: string): { summary: number; functions: ReadonlyMap<string, CalledFunction> } {
  const functions = new Map<string, CalledFunction>();
  const names = { fl: new Map<string, string>(), fn: new Map<string, string>() };
  const at = (key: string): CalledFunction => {
    const known = functions.get(key) ?? { self: 0, calledFor: 0 };
    functions.set(key, known);
    return known;
  };
  const nameOf = (kind: 'fl' | 'fn', given: string): string => {
    const [, id = '', name = ''] = /^\((\d+)\)(?: (.+))?$/.exec(given) ?? [];
    if (id === '') throw new Error(`no name: ${JSON.stringify(given)}`);
    if (name === '') return names[kind].get(id) ?? fail(`unknown ${given}`);
    if (names[kind].has(id)) throw new Error(`twice: ${given}`);
    names[kind].set(id, name);
    return name;
  };
  let [summary, file, key, callee] = [Number.NaN, '', '', ''];
  let isCall = false;
  const [header = '', body = ''] = splitOnce(text, '\n\n');
  for (const line of header.split('\n')) {
    const [, name, value = ''] = /^(?:#.*|([a-z]+): (.*))$/.exec(line) ?? fail(line);
    if (name === 'summary') summary = Number(value);
  }
  let calledFile = '';
  for (const line of body.split('\n')) {
    if (line === '') continue;
    const [, field, value = ''] = /^(fl|fn|cfi|cfn)=(.*)$/.exec(line) ?? [];
    const [, us] = /^\d+ (\d+)$/.exec(line) ?? [];
    if (field === 'fl') file = nameOf('fl', value);
    else if (field === 'fn') {
      key = `${file}:${nameOf('fn', value)}`;
      at(key);
    } else if (field === 'cfi') calledFile = nameOf('fl', value);
    else if (field === 'cfn') callee = `${calledFile}:${nameOf('fn', value)}`;
    else if (/^calls=[1-9]\d* \d+$/.test(line)) isCall = true;
    else if (us === undefined) fail(line);
    else if (isCall) {
      at(callee).calledFor += Number(us);
      isCall = false;
    } else at(key).self += Number(us);
  }
  return { summary, functions };
}

function splitOnce(text: string, by: string): [string, string] {
  const place = text.indexOf(by);
  return [text.slice(0, place), text.slice(place + by.length)];
}

function fail(line: string): never {
  throw new Error(`not Callgrind's: ${JSON.stringify(line)}`);
}
