// Values of command-line flags; what is not allowed throws a TypeError whose message is one sentence for the operator.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly integer?: boolean;
}

/** Reads `--name=value`, `--name value` and switches; throws a TypeError that names a flag that is not known. */
export function readFlags<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ args: string[]; options: O; strict: true }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node's own message goes on with advice on positional arguments, of which there are none here.
    throw new TypeError(error instanceof Error ? error.message.split('. To specify')[0] : String(error));
  }
}

/** The number in `text`; throws a TypeError that quotes flag, bounds and value. */
export function parseNumber(flag: string, text: string, { minimum, maximum, integer = false }: NumberRange): number {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= minimum && value <= maximum) || (integer && !Number.isInteger(value))) {
    throw new TypeError(
      `Expected ${flag} to be ${integer ? 'an integer' : 'a number'} from ${minimum} to ${maximum}, got "${text}"`,
    );
  }
  return value;
}
