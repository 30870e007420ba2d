// An application without a line of SDK code: one traced call within another.
const { setTimeout: delay } = require('node:timers/promises');

/** `LEAVE` is `by-itself` or `stop`, which starts and stops Loopsight in code. */
async function traceCalls(load) {
  const { traced } = load('loopsight/traced');
  const { trace } = load('@opentelemetry/api');
  const running = process.env.LEAVE === 'stop' ? load('loopsight').start({ traces: true, port: 0 }) : undefined;
  const price = traced('price', async (id) => {
    await delay(1);
    return id * 100;
  });
  const order = traced('order', async (id) => {
    await delay(1);
    return { id, price: await price(id) };
  });
  const answer = await order(7);
  await running?.stop();
  const delegate = trace.getTracerProvider().getDelegate?.().constructor.name;
  console.log(JSON.stringify({ answer, delegate }));
  process.exitCode = 4;
}

module.exports = { traceCalls };
