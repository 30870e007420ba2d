// Why a server could not be reached, in words.
import { printable } from './status/wording.js';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be resolved',
  EHOSTUNREACH: 'there is no route to the host',
};
const TEXT_LIMIT = 200;

/** The reason that a failed request gives, without a full stop. */
export function describeNetworkError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (known !== undefined) return known;
  // Several addresses of one host fail together as an AggregateError without a message.
  return printable(error instanceof Error && error.message !== '' ? error.message : code, TEXT_LIMIT);
}
