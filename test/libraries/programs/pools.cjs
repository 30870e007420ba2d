// The same as a CommonJS module.
const { createPool } = require('generic-pool');
const { Pool } = require('tarn');

const factory = { create: async () => ({}), destroy: async () => {} };

async function main() {
  const pools = [createPool(factory, { max: 1 }), createPool(factory, { max: 2 })];
  for (const pool of pools) await pool.release(await pool.acquire());
  const tarn = new Pool({ create: async () => ({}), destroy: () => {}, min: 0, max: 3 });
  tarn.release(await tarn.acquire().promise);
  const { url } = await globalThis[Symbol.for('loopsight.v1')].running.endpoint;
  let text = '';
  while (!text.includes('db_client_connection_')) text = await (await fetch(url)).text();
  console.log(text);
  await tarn.destroy();
}

main();
