// What the libraries do, told in one line of JSON: it must be the same whether anybody looks on or not.
import { setTimeout as delay } from 'node:timers/promises';

const [major] = process.versions.node.split('.').map(Number);
const unhandled = [];
/** Queues that nobody holds leave the metrics. */
const kept = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error?.message ?? error)));
process.on('warning', (warning) => unhandled.push(warning.message));

const settled = async (promises) =>
  (await Promise.allSettled(promises)).map(({ status, value, reason }) =>
    status === 'fulfilled' ? value : `${reason?.name}: ${reason?.message ?? reason}`,
  );
const thrown = (action) => {
  try {
    return action();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const shape = (object) =>
  Reflect.ownKeys(object).map((key) => {
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(object, key);
    const kinds = [value, get, set].map((one) =>
      typeof one === 'function' ? `${one.name}/${one.length}` : typeof one,
    );
    return [String(key), ...kinds, Object.values(flags).join()].join(' ');
  });
const fail = async () => {
  throw new Error('failed');
};
/** Its `then` does the work, as that of a query builder. */
const lazy = (calls) => ({
  // biome-ignore lint/suspicious/noThenProperty: that is the point.
  then(resolve) {
    calls.push('then');
    resolve('lazy');
  },
});

/** A promise that begins when it is awaited. */
class LatePromise extends Promise {
  // biome-ignore lint/suspicious/noThenProperty: that is the point.
  then(...args) {
    return delay(5)
      .then(() => 'late')
      .then(...args);
  }
}

async function pQueue() {
  const { default: PQueue } = await import(major < 22 ? 'p-queue-9' : 'p-queue');
  const queue = new PQueue({ concurrency: 2 });
  const said = [shape(PQueue.prototype), shape(queue).length];
  const log = [];
  const given = [];
  const work =
    (name, ms = 5) =>
    async (...args) => {
      log.push(name);
      given.push(args.map((arg) => Object.keys(Object(arg))));
      await delay(ms);
      return name;
    };
  const calls = [];
  const added = [
    queue.add(work('a')),
    queue.add(work('b'), { priority: -1 }),
    queue.add(work('c')),
    queue.add(work('d'), { priority: 1 }),
    queue.add(fail),
    queue.add(() => {
      throw new Error('thrown');
    }),
    queue.add(() => 'sync'),
    queue.add(() => lazy(calls)),
    queue.add(() => LatePromise.resolve('early')),
  ];
  said.push([queue.size, queue.pending, added.every((one) => one.constructor === Promise)]);
  said.push(await settled(added), log, given, calls, await settled([queue.addAll([work('e'), work('f')])]));
  queue.add(async () => {
    throw new Error('nobody handles this');
  });
  said.push(await settled([queue.add(() => new Promise(() => undefined), { timeout: 10 })]));
  const [waiting, running, before] = [
    new AbortController(),
    new AbortController(),
    AbortSignal.abort(new Error('early')),
  ];
  const aborted = [
    queue.add(work('g', 30), { signal: running.signal }),
    queue.add(work('h', 30)),
    queue.add(work('i'), { signal: waiting.signal }),
    queue.add(work('j'), { signal: before }),
  ];
  waiting.abort(new Error('waiting'));
  running.abort(new Error('running'));
  said.push(await settled(aborted));
  const cleared = [queue.add(work('k', 10)), queue.add(work('l', 10)), queue.add(work('m')).catch(() => 'cleared')];
  queue.clear();
  said.push(await settled(cleared.slice(0, 2)), queue.size);
  said.push(await settled([queue.add(work('n'), { timeout: -1 }).catch((error) => error.name)]));
  said.push(
    thrown(() => new PQueue({ concurrency: 0 })),
    await settled([Promise.resolve().then(() => queue.add(1))]),
  );
  kept.push(queue);
  await queue.onIdle();
  return said;
}

async function pLimit() {
  const { default: create, limitFunction } = await import('p-limit');
  const limit = create(2);
  const said = [shape(create), create.name, create.length, shape(limit), limit.name, limit.length];
  const work = async (...args) => {
    await delay(5);
    return args.join();
  };
  const calls = [];
  const results = [limit(work, 1, 2), limit(work), limit(fail), limit(() => 'sync', 3), limit(() => lazy(calls))];
  said.push([limit.activeCount, limit.pendingCount], await settled(results), calls);
  said.push(await limit.map([1, 2, 3], work), await limit.map(new Set(['a', 'b']), work));
  said.push(
    await limit.map({ length: 2, 0: 'x', 1: 'y' }, work),
    await settled([limit.map(7, work), limit.map(null, work)]),
  );
  const broken = {
    *[Symbol.iterator]() {
      yield 1;
      throw new Error('broken');
    },
  };
  said.push(await settled([limit.map(broken, work)]));
  limit(async () => {
    throw new Error('nobody handles this either');
  });
  limit(work);
  limit(work);
  await delay(0);
  limit.clearQueue();
  said.push([limit.activeCount, limit.pendingCount]);
  limit.concurrency = 3;
  said.push(
    limit.concurrency,
    thrown(() => create(0)),
    thrown(() => create('x')),
  );
  const limited = limitFunction(work, { concurrency: 1 });
  said.push(await Promise.all([limited(1), limited(2)]));
  kept.push(limit, limited);
  await delay(20);
  return said;
}

async function fastQueue() {
  const { default: create, promise: named } = await import('fastq');
  const log = [];
  const context = { name: 'context' };
  const queue = create(
    context,
    function (value, done, ...rest) {
      log.push(`${this.name} ${value} ${done.name} ${done.length} ${rest.length}`);
      if (value === 'fail') setTimeout(done, 1, new Error('failed'));
      else if (value === 'now') done(null, value, 'more');
      else setTimeout(done, 1, null, value);
    },
    2,
  );
  const said = [shape(create), create.name, create.length, Object.keys(queue), named === create.promise];
  for (const event of ['drain', 'saturated', 'empty']) queue[event] = () => log.push(event);
  queue.error((error, value) => log.push(`error ${error?.message} ${value}`));
  const push = (value, method = 'push') =>
    new Promise((resolve) => queue[method](value, (error, ...rest) => resolve([error?.message, ...rest])));
  const results = ['a', 'b', 'c', 'fail'].map((value) => push(value));
  results.push(push('first', 'unshift'));
  said.push([queue.length(), queue.running(), queue.getQueue(), queue.idle()], await Promise.all(results));
  said.push(await push('now'));
  queue.pause();
  const paused = [push('d'), push('e', 'unshift')];
  queue.push('without a callback');
  said.push([queue.length(), queue.running()]);
  queue.resume();
  said.push(await Promise.all(paused));
  await delay(10);
  queue.pause();
  const aborted = push('f');
  queue.abort?.();
  said.push(queue.abort === undefined ? 'none' : await aborted);
  queue.push('killed');
  queue.kill();
  queue.resume();
  said.push(
    [queue.length(), queue.running()],
    log,
    thrown(() => create(() => undefined, 0)),
  );

  const promised = create.promise(async (value) => (value === 'fail' ? fail() : value), 1);
  const values = ['a', 'fail', 'b'].map((value) => promised.push(value));
  values.push(promised.unshift('c'));
  said.push(await settled(values), Object.keys(promised));
  kept.push(queue, promised);
  await promised.drained();
  return said;
}

async function asyncQueue() {
  const async = await import('async');
  const log = [];
  const queue = async.queue((value, done) => {
    log.push(value);
    setTimeout(() => (value === 'fail' ? done(new Error('failed')) : done(null, value, 'more')), 1);
  }, 2);
  const said = ['queue', 'priorityQueue', 'cargo', 'cargoQueue'].map((name) => [async[name].name, async[name].length]);
  said.push(Object.keys(queue), async.default.queue === async.queue, async.default.cargo === async.cargo);
  queue.error((error, value) => log.push(`${error.message} ${value}`));
  const results = [
    queue.push('a'),
    queue.push('fail'),
    queue.pushAsync('fail'),
    queue.unshift('b'),
    ...queue.push(['c', 'd']),
  ];
  said.push([queue.length(), queue.running(), [...queue].map(({ data }) => data)], await settled(results));
  queue.pause();
  queue.push(['e', 'f', 'g']);
  queue.remove(({ data }) => data === 'f');
  said.push([...queue].map(({ data }) => data));
  queue.resume();
  await queue.drain();
  queue.pause();
  queue.push('never');
  queue.kill();
  said.push(queue.length());
  const ranked = async.priorityQueue(async (value) => value, 1);
  said.push(await settled([ranked.push('low', 9), ranked.push('high', 1), ranked.pushAsync('middle', 5)]));
  const batches = [];
  const cargo = async.cargo((values, done) => {
    batches.push(values);
    setTimeout(done, 1);
  }, 2);
  kept.push(queue, ranked, cargo);
  await settled([1, 2, 3].map((value) => cargo.push(value)));
  said.push(
    batches,
    log,
    thrown(() => async.queue(() => undefined, 0)),
  );
  return said;
}

async function limiter() {
  const { default: Bottleneck } = await import('bottleneck');
  const said = [shape(Bottleneck.prototype)];
  const limit = new Bottleneck({ maxConcurrent: 1, minTime: 2 });
  const results = [1, 2].map((value) => limit.schedule(async (given) => given * 2, value));
  results.push(limit.schedule(fail));
  said.push(await settled(results));
  let tries = 0;
  limit.on('failed', () => (tries++ < 1 ? 1 : undefined));
  said.push(await settled([limit.schedule(fail)]), tries);
  const small = new Bottleneck({ maxConcurrent: 1, highWater: 1, strategy: Bottleneck.strategy.OVERFLOW });
  said.push(await settled([1, 2, 3].map(() => small.schedule(delay, 5))));
  const stopped = new Bottleneck({ maxConcurrent: 1 });
  let begin;
  const begun = new Promise((resolve) => {
    begin = resolve;
  });
  const work = async () => {
    begin();
    await delay(5);
  };
  const dropped = [1, 2, 3].map(() => stopped.schedule(work));
  await begun;
  await stopped.stop();
  kept.push(limit, small, stopped);
  said.push(await settled(dropped), stopped.counts());
  return said;
}

const said = {};
const parts = { pQueue, pLimit, fastQueue, asyncQueue, limiter };
for (const [name, part] of Object.entries(parts)) said[name] = await part();
said.unhandled = unhandled;
const { current } = await import('../../../dist/esm/src/index.js');
const { url } = await current().endpoint;
const read = async () => (await fetch(url)).text();
// A scrape that finds the thread busy is answered without its figures.
const tries = process.env.LOOPSIGHT_QUEUES === 'on' ? 400 : 1;
for (let tried = 0; tried < tries && !(await read()).includes('queue_type'); tried++) await delay(25);
process.stdout.write(JSON.stringify({ said, metrics: await read() }), () => process.exit(kept.length > 0 ? 0 : 1));
