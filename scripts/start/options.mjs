// The options of `npm start`, and the ports that it may listen on.
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

const DEFAULT_FAULTS = ['sync-call', 'small-pool', 'unbounded-queue'];

/** The options of the command line; throws a Failure that quotes name, bound and value of a bad one. */
export function readOptions() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Failure(`Node.js 20.19 or later is needed, this is ${process.version}`);
  let values;
  try {
    values = parseArgs({
      options: {
        port: { type: 'string', default: '8080' },
        'metrics-port': { type: 'string', default: '9464' },
        version: { type: 'string', default: '1' },
        fault: { type: 'string', multiple: true },
        rate: { type: 'string', default: '25' },
        duration: { type: 'string' },
        'no-load': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(error.message.split('. To specify')[0], 2);
  }
  const { port, 'metrics-port': metricsPort, version, rate, duration } = values;
  if (!['1', '2'].includes(version)) throw new Failure(`Expected --version to be 1 or 2, got "${version}"`, 2);
  if (port === metricsPort && port !== '0') {
    throw new Failure(`Expected --metrics-port to differ from --port, got "${port}" for both`, 2);
  }
  return {
    port: readNumber('--port', port, 0, 65535, true),
    metricsPort: readNumber('--metrics-port', metricsPort, 0, 65535, true),
    version,
    // Which names there are is for the service to say: its sentence and exit code are passed on.
    faults: values.fault ?? DEFAULT_FAULTS,
    rate: readNumber('--rate', rate, 0.1, 1000),
    durationMs: duration === undefined ? undefined : readNumber('--duration', duration, 1, 86_400) * 1000,
    load: !values['no-load'],
  };
}

function readNumber(name, text, minimum, maximum, integer = false) {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? 'an integer' : 'a number';
  throw new Failure(`Expected ${name} to be ${kind} from ${minimum} to ${maximum}, got "${text}"`, 2);
}

/** `port` if it can be listened on, or a free one for 0. */
export async function claimPort(port, option, user) {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code})`;
      const remedy = `choose another one with \`npm start -- ${option} ${port === 65535 ? 1024 : port + 1}\``;
      reject(new Failure(`Port ${port}, which ${user} needs, ${reason}; ${remedy}`));
    });
    server.listen(port, '127.0.0.1', () => {
      const { port: claimed } = server.address();
      server.close(() => resolve(claimed));
    });
  });
}
