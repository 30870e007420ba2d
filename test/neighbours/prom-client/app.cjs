const { tell } = require('./setup.cjs');
const { runShop } = require('../shop.cjs');

// A library author's function, wrapped by Loopsight without anything else of it running.
const price =
  process.env.SHOP_TRACED === '1' ? require('loopsight/traced').traced('price', async (id) => id * 100) : undefined;

runShop(require('express'), { price }).then(async (answers) => {
  console.log(JSON.stringify({ answers, ...(await tell()) }));
});
