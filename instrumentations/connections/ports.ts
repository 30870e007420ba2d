// Figures of listening sockets by port: the first ports by name, then `other`.

/** A figure of one listening socket. */
export interface PortFigure {
  readonly port: number;
  readonly connections: number;
}

/** Ports that are named; the connections of further ones add up under `other`. */
const NAMED_PORTS = 20;

/** Adds up: one port may have several sockets, one for each version of IP, or one for each thread that shares it. */
export function addUpPorts(figures: readonly PortFigure[]): Map<string, number> {
  const ports = [...new Set(figures.map(({ port }) => port))].sort((one, other) => one - other);
  const named = new Set(ports.slice(0, NAMED_PORTS));
  const totals = new Map<string, number>();
  for (const { port, connections } of figures) {
    const name = named.has(port) ? String(port) : 'other';
    totals.set(name, (totals.get(name) ?? 0) + connections);
  }
  return totals;
}
