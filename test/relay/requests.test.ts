// What of the inspector's protocol passes the observer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readRequest } from '../../src/relay/requests.js';

const toWorker = (message: unknown) =>
  JSON.stringify({ id: 5, method: 'NodeWorker.sendMessageToWorker', params: { sessionId: '2', message } });

const REFUSED = [
  ['Runtime.evaluate', { expression: '1' }],
  ['Runtime.callFunctionOn', {}],
  ['Runtime.compileScript', {}],
  ['Runtime.runScript', {}],
  ['Runtime.globalLexicalScopeNames', {}],
  ['Runtime.terminateExecution', {}],
  ['Runtime.addBinding', {}],
  ['Debugger.evaluateOnCallFrame', {}],
  ['Debugger.setVariableValue', {}],
  ['Debugger.setScriptSource', {}],
  ['Debugger.setBreakpointByUrl', { condition: 'x()' }],
  ['HeapProfiler.takeHeapSnapshot', {}],
  ['NodeWorker.sendMessageToWorker', { sessionId: '3', message: '{"id":1,"method":"Profiler.start"}' }],
  ['Profiler.setSamplingInterval', { interval: 1 }],
  ['Profiler.setSamplingInterval', { interval: 'x' }],
  ['NodeTracing.start', { traceConfig: { includedCategories: 'v8' } }],
  ['NodeTracing.start', { traceConfig: { includedCategories: ['v8'], recordMode: 'echoToConsole' } }],
  ['Runtime.getProperties', { objectId: 1 }],
  ['constructor', {}],
  ['', {}],
] as const;

describe('refused, for the main thread and for workers', () => {
  for (const [method, params] of REFUSED) {
    test(`${method} ${JSON.stringify(params)}`, () => {
      const message = { id: 3, method, params };
      const forWorker = readRequest(toWorker(JSON.stringify(message)));
      assert.ok(forWorker !== undefined && 'reason' in forWorker);
      assert.deepEqual([forWorker.route, forWorker.id, forWorker.sentId], ['2', 3, 5]);
      if (method === 'NodeWorker.sendMessageToWorker') return;
      const request = readRequest(JSON.stringify(message));
      assert.ok(request !== undefined && 'reason' in request);
    });
  }
});

describe('passed on, without what the method does not need', () => {
  const CASES = [
    ['Profiler.start', { other: 1 }, {}],
    ['Profiler.setSamplingInterval', { interval: 1000.4 }, { interval: 1000 }],
    ['Profiler.startPreciseCoverage', { callCount: true, detailed: true, x: 1 }, { callCount: true, detailed: true }],
    ['NodeWorker.enable', { waitForDebuggerOnStart: true }, { waitForDebuggerOnStart: false }],
    ['Debugger.resume', { terminateOnResume: true }, {}],
    ['Runtime.getProperties', { objectId: 'a', accessorPropertiesOnly: true }, { objectId: 'a' }],
    [
      'NodeTracing.start',
      { traceConfig: { includedCategories: ['v8'], recordMode: 'recordContinuously', x: 1 } },
      { traceConfig: { includedCategories: ['v8'], recordMode: 'recordContinuously' } },
    ],
  ] as const;
  for (const [method, params, expected] of CASES) {
    test(method, () => {
      const request = readRequest(JSON.stringify({ id: 1, method, params }));
      assert.ok(request !== undefined && 'params' in request);
      assert.deepEqual(request.params, expected);
    });
  }
});

describe('no request', () => {
  const CASES = ['', '{', '1', '[]', 'null', '{"id":-1,"method":"a"}', '{"id":"1","method":"a"}', '{"id":1}'];
  for (const text of [
    ...CASES,
    JSON.stringify({ id: 2 ** 30, method: 'Profiler.start' }),
    '{"id":1,"method":"a","params":[]}',
  ]) {
    test(text, () => assert.equal(readRequest(text), undefined));
  }

  test('for a worker', () => {
    for (const message of [1, '{', undefined]) {
      const request = readRequest(toWorker(message));
      assert.ok(request !== undefined && 'reason' in request);
    }
  });
});
