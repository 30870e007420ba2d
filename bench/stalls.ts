// What watching for stalls costs: while nothing happens, under load, and the stall itself; beside two peers.
import { measureIdle } from './stalls/idle.js';
import { measurePause } from './stalls/pause.js';
import { availableSides, startSink } from './stalls/sides.js';
import { measureUnderLoad } from './stalls/under-load.js';

const sink = await startSink();
const sides = await availableSides(sink.port);
await measureIdle(sides);
await measureUnderLoad(sides);
await measurePause(sides, sink);
sink.close();
