// Times what the subscribers of Node's HTTP channels, and the listeners that they add, take for each real request.
// A channel with a subscriber that does nothing is published beside each: its time is that of the clock and of `publish`.
import { channel } from 'node:diagnostics_channel';

const CAPACITY = 400_000;
const control = channel('bench.control');
control.subscribe(() => {});
const hooks = {};
for (const name of ['start', 'finish', 'close', 'control']) hooks[name] = { times: new Float64Array(CAPACITY), n: 0 };

globalThis.hookTimes = () => {
  const results = {};
  for (const [name, hook] of Object.entries(hooks)) {
    results[name] = summarise(hook.times.subarray(0, hook.n));
    hook.n = 0;
  }
  return results;
};

function note(hook, ms) {
  if (hook.n < CAPACITY) hook.times[hook.n++] = ms * 1e6;
}

// The slowest of a hundred are left out: they are those during which another process had the CPU.
function summarise(times) {
  if (times.length === 0) return undefined;
  const kept = times.sort().subarray(0, Math.ceil(times.length * 0.99));
  const at = (q) => times[Math.min(times.length - 1, Math.floor(times.length * q))];
  return {
    count: times.length,
    mean: kept.reduce((sum, time) => sum + time, 0) / kept.length,
    median: at(0.5),
    p99: at(0.99),
  };
}

function timePublish(name, hook, onPublished) {
  const timed = channel(name);
  const { publish } = Object.getPrototypeOf(timed);
  timed.publish = (message) => {
    const before = performance.now();
    publish.call(timed, message);
    note(hook, performance.now() - before);
    const controlBefore = performance.now();
    publish.call(control, message);
    note(hooks.control, performance.now() - controlBefore);
    onPublished?.(message);
  };
}

const seen = new WeakSet();

function timeCloseListener({ socket }) {
  if (seen.has(socket)) return;
  seen.add(socket);
  for (const listener of socket.listeners('close')) {
    // The one that connections.ts adds; Node's own are called otherwise.
    if (listener.name !== 'onClose') continue;
    socket.removeListener('close', listener);
    socket.on('close', function onTimedClose() {
      const before = performance.now();
      listener.call(this);
      note(hooks.close, performance.now() - before);
    });
  }
}

timePublish('http.server.request.start', hooks.start, timeCloseListener);
timePublish('http.server.response.finish', hooks.finish);
