// Whether a stack began at the top level of an ES module after an await there: no function of a loader is on it then.
import { callSites } from '../../../src/call-sites.js';

/** Deeper stacks do not begin in a module that is being loaded, or hardly ever. */
const DEPTH = 100;

/** Whether the function `wrapper`, which is on the stack, was called by a module that is being evaluated. */
export function isCalledByModuleBody(wrapper: (...args: never[]) => unknown): boolean {
  const sites = callSites(wrapper, DEPTH).filter((site) => !site.isAsync() && !isOfNode(site));
  const outermost = sites.at(-1);
  if (outermost === undefined || outermost.isEval() || outermost.getFunctionName() !== null) return false;
  // The function that V8 makes of a module begins where its text does.
  return outermost.getEnclosingLineNumber?.() === 1 && outermost.getEnclosingColumnNumber?.() === 1;
}

const isOfNode = (site: NodeJS.CallSite): boolean => site.getFileName()?.startsWith('node:') ?? false;
