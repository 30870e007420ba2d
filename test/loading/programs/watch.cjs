// Watches for the packages that watch-libraries.test.ts makes; what programs there say is one line of JSON.
const { isMainThread } = require('node:worker_threads');

const root = process.env.LOOPSIGHT_TEST_ROOT;
const told = { diag: [], reports: [], patched: [], undone: 0 };

function library(name, patch, rest = {}) {
  return { name, from: '1.0.0', below: '2.0.0', patch: (exports) => counted(name, patch(exports)), ...rest };
}

function counted(name, patch) {
  told.patched.push(name);
  return {
    ...patch,
    undo() {
      told.undone++;
      patch.undo?.();
    },
  };
}

const wrapped = (original) => (typeof original === 'function' ? () => `patched ${original()}` : original);

const LIBRARIES = [
  library('closed-cjs', (exports) => ({ exports: { default: wrapped(exports) } })),
  library('named-cjs', (exports) => ({ exports: { create: wrapped(exports.create) } })),
  library('closed-esm', (exports) => {
    const { prototype } = exports.Thing;
    const { run } = prototype;
    prototype.run = wrapped(run);
    return {
      exports: { default: wrapped(exports.default), renamed: wrapped(exports.renamed) },
      undo() {
        prototype.run = run;
      },
    };
  }),
  library('barrel-esm', (exports) => {
    const { prototype } = exports.Inner;
    const { run } = prototype;
    prototype.run = wrapped(run);
    return {
      undo() {
        prototype.run = run;
      },
    };
  }),
  library('wrapped-esm', (exports) => ({ exports: { default: wrapped(exports.default ?? exports) } })),
  library('@scope/scoped', (exports) => ({ exports: { default: wrapped(exports) } })),
  library('constant-esm', (exports) => ({ exports: { fixed: wrapped(exports.fixed) } })),
  library('throwing', () => {
    throw new Error('not as it was');
  }),
  library('inner-file', (exports) => ({ exports: { default: wrapped(exports) } }), { file: 'lib/inner.js' }),
];

const load = (format) => require(`${root}/dist/${format}/src/loading/watch-libraries.js`).watchLibraries;

globalThis.told = told;
/** `names` are those of the libraries that are watched for; all of them where none are given. */
globalThis.watch = (format = 'cjs', names = undefined) =>
  load(format)(
    LIBRARIES.filter(({ name }) => names?.includes(name) ?? true),
    (cause, error) => told.reports.push(`${cause}: ${error.message}`),
  );
globalThis.say = (value) => console.log(JSON.stringify(value));
globalThis[Symbol.for('opentelemetry.js.api.1')] = {
  version: '1.9.0',
  diag: { info: (line) => told.diag.push(line), warn: (line) => told.diag.push(line) },
};
if (isMainThread && process.env.WATCH !== 'later') globalThis.monitor = globalThis.watch();
