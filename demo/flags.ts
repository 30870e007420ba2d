// The flags of the service, read into a complete object.
import { FAULTS, type FaultName, type Faults, isFaultName } from './faults.js';
import { parseNumber, readFlags } from './flag-values.js';

export type ServiceVersion = 1 | 2;

export interface ServiceFlags {
  /** Port of the HTTP server on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  readonly faults: Faults;
  /** 2 has a regression that 1 has not. */
  readonly version: ServiceVersion;
  /** Whether `POST /block?ms=` may block the main thread, for tests. */
  readonly allowBlock: boolean;
}

/** Reads the service's flags; throws a TypeError that quotes name, bound and value of the first bad one. */
export function parseServiceFlags(args: readonly string[]): ServiceFlags {
  const flags = readFlags(args, {
    port: { type: 'string', default: '8080' },
    fault: { type: 'string', multiple: true, default: [] },
    faults: { type: 'string', multiple: true, default: [] },
    version: { type: 'string', default: '1' },
    'allow-block': { type: 'boolean', default: false },
  });
  return {
    port: parseNumber('--port', flags.port, { minimum: 0, maximum: 65535, integer: true }),
    faults: new Set([...flags.fault, ...flags.faults.flatMap((names) => names.split(','))].flatMap(parseFault)),
    version: parseVersion(flags.version),
    allowBlock: flags['allow-block'],
  };
}

function parseFault(name: string): readonly FaultName[] {
  if (name === 'none') return [];
  if (isFaultName(name)) return [name];
  throw new TypeError(`Expected --fault to be one of ${Object.keys(FAULTS).join(', ')} or none, got "${name}"`);
}

function parseVersion(text: string): ServiceVersion {
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw new TypeError(`Expected --version to be 1 or 2, got "${text}"`);
}
