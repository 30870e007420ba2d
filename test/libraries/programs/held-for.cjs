// A task of idle-pool.mjs.
module.exports = function heldFor({ holdMs }) {
  const end = performance.now() + holdMs;
  while (performance.now() < end);
  return holdMs;
};
