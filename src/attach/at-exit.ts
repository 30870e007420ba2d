// What is done when this process exits, through one listener: Node warns of more than ten, and nobody knows how many
// processes are looked into from here.

const deeds = new Set<() => void>();

/** Has `deed`, which must not throw, done when this process exits; returns the undo. */
export function atExit(deed: () => void): () => void {
  if (deeds.size === 0) process.on('exit', doAll);
  deeds.add(deed);
  return () => {
    deeds.delete(deed);
    if (deeds.size === 0) process.off('exit', doAll);
  };
}

function doAll(): void {
  for (const deed of [...deeds]) deed();
}
