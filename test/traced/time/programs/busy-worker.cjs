// A task for a pool: holds its thread.
module.exports = ({ ms }) => {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
};
