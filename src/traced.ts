// Entry point `loopsight/traced`: needs @opentelemetry/api alone and does nothing on import, so that libraries can depend on it.

export { Traced, type TracedDecorator } from '../instrumentations/traced/decorator.js';
export type { Undo } from '../instrumentations/traced/members.js';
export type { AnyClass, AnyFunction, ResultOf, TracedOptions } from '../instrumentations/traced/options.js';
export { traceMethods } from '../instrumentations/traced/trace-methods.js';
export { traced } from '../instrumentations/traced/traced.js';
