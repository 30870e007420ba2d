// Decides of each request whether it may be answered, by rules that are read again when their files change.
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.js';
import type { Reply } from '../prometheus/reply.js';
import { createPackageRequire } from '../traces/installed-packages.js';
import { alternativeNames } from './client-names.js';
import { createComparer, readCredentials } from './credentials.js';
import { createBudget, createHashedPasswords, type Verdict } from './hashed-passwords.js';
import { currentStamp, type LoadedRules, loadRules } from './load-rules.js';
import type { AccessRules, TlsRules } from './rules.js';
import type { AccessSettings } from './settings.js';

/** Settings, and what they said at the start. Plain data. */
export interface Access {
  readonly settings: AccessSettings;
  readonly loaded: LoadedRules;
}

export interface GuardOptions extends Access {
  readonly clock: Clock;
  /** Told, once each, why a changed file is not used; the rules before it stay. */
  readonly say: (sentence: string) => void;
}

/** Guards one server. */
export interface Guard {
  /** TLS of the server; undefined for plain HTTP, which it then stays. */
  readonly tls: TlsRules | undefined;
  /** Added to every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether everybody is answered, over plain HTTP. */
  readonly isOpen: boolean;
  /** Whether nobody is answered without credentials or a certificate of their own. */
  readonly isPrivate: boolean;
  /** Undefined where the request may be answered. Never throws or rejects. */
  check(request: IncomingMessage): Promise<Reply | undefined>;
  /** Reads files again that have changed, at most every ten seconds; `check` does so too. Never throws. */
  refresh(): void;
}

const LOOK_EVERY_MS = 10_000;

const UNAUTHORIZED = 'Unauthorized: the metrics are shown to those with credentials.\n';
const TOO_MANY: Reply = { status: 429, body: 'Too many requests.\n', headers: { 'Retry-After': '5' } };
const FORBIDDEN: Reply = { status: 403, body: 'Forbidden: the certificate has none of the names that are let in.\n' };

/** Creates the guard of one server. */
export function createGuard({ settings, loaded, clock, say }: GuardOptions): Guard {
  const now = () => clock.monotonicMs();
  const told = new Set<string>();
  let inForce = loaded;
  let gate = createGate(loaded.rules, settings, now);
  let lookedMs = Number.NEGATIVE_INFINITY;

  function refresh(): void {
    const nowMs = now();
    if (nowMs - lookedMs < LOOK_EVERY_MS) return;
    lookedMs = nowMs;
    // After a failure it stays another one, so that the files are tried until they are right.
    if (currentStamp(inForce) === inForce.stamp) return;
    try {
      const fresh = loadRules(settings);
      checkChange(inForce.rules.tls, fresh.rules.tls);
      inForce = fresh;
      gate = createGate(fresh.rules, settings, now);
      told.clear();
    } catch (error) {
      const sentence = error instanceof TypeError ? error.message : 'they cannot be read';
      if (!told.has(sentence)) {
        told.add(sentence);
        say(`the rules of access that changed are not used, those before stay: ${sentence}`);
      }
    }
  }

  return {
    get tls() {
      return inForce.rules.tls;
    },
    get headers() {
      return inForce.rules.headers;
    },
    get isOpen() {
      return inForce.rules.tls === undefined && !hasCredentials(inForce.rules);
    },
    get isPrivate() {
      return asksForIdentity(inForce.rules);
    },
    refresh,
    async check(request) {
      refresh();
      try {
        return await gate(request);
      } catch {
        // Who cannot be checked is not let in; what was thrown may hold what was shown.
        return { status: 500, body: 'The credentials could not be checked.\n' };
      }
    },
  };
}

// A listening server is one or the other, and asks for certificates or not.
function checkChange(before: TlsRules | undefined, after: TlsRules | undefined): void {
  if ((before === undefined) !== (after === undefined)) {
    throw new TypeError('Expected TLS to stay on or off while it is served, got the other');
  }
  if ((before?.clientCa === undefined) !== (after?.clientCa === undefined)) {
    throw new TypeError('Expected certificates of clients to stay required or not while it is served, got the other');
  }
}

type Gate = (request: IncomingMessage) => Promise<Reply | undefined>;

function createGate(rules: AccessRules, settings: AccessSettings, now: () => number): Gate {
  const comparer = createComparer();
  const tokens = rules.tokens.map((token) => comparer.digest(token));
  const passwords = rules.passwords.map(({ user, secret }) => comparer.digest(user, secret));
  const { bcryptjs } = settings.packages;
  const hashed = createHashedPasswords({
    users: rules.hashes,
    comparer,
    now,
    compare(password, hash) {
      if (bcryptjs === undefined) throw new Error('unreachable: rules with hashes need the package');
      const { compare } = createPackageRequire(bcryptjs)(bcryptjs) as {
        compare(text: string, hash: string): Promise<boolean>;
      };
      return compare(password, hash);
    },
  });
  const mayAsk =
    rules.rateLimit === undefined
      ? () => true
      : createBudget(1000 / rules.rateLimit.intervalMs, rules.rateLimit.burst, now);
  const unauthorized: Reply = {
    status: 401,
    body: UNAUTHORIZED,
    headers: {
      'WWW-Authenticate': [
        ...(tokens.length === 0 ? [] : ['Bearer realm="metrics"']),
        ...(passwords.length + rules.hashes.length === 0 ? [] : ['Basic realm="metrics", charset="UTF-8"']),
      ],
    },
  };

  async function verdictOf(request: IncomingMessage): Promise<Verdict> {
    const shown = readCredentials(request.headers.authorization);
    if (shown === undefined) return 'wrong';
    if (shown.scheme === 'bearer') return comparer.isAny(comparer.digest(shown.token), tokens) ? 'right' : 'wrong';
    const { user, secret } = shown;
    if (comparer.isAny(comparer.digest(user, secret), passwords)) return 'right';
    return rules.hashes.length === 0 ? 'wrong' : hashed.verify(user, secret, request.socket.remoteAddress ?? '');
  }

  return async (request) => {
    if (!mayAsk()) return TOO_MANY;
    if (rules.tls?.clientNames !== undefined && !hasName(request, rules.tls.clientNames)) return FORBIDDEN;
    if (!hasCredentials(rules)) return undefined;
    const verdict = await verdictOf(request);
    if (verdict === 'right') return undefined;
    return verdict === 'later' ? TOO_MANY : unauthorized;
  };
}

/** Whether these rules let in only those who show credentials or a certificate. */
export function asksForIdentity(rules: AccessRules): boolean {
  return hasCredentials(rules) || rules.tls?.clientCa !== undefined;
}

function hasCredentials({ tokens, passwords, hashes }: AccessRules): boolean {
  return tokens.length + passwords.length + hashes.length > 0;
}

function hasName(request: IncomingMessage, wanted: readonly string[]): boolean {
  const socket = request.socket as TLSSocket;
  // In a server of the application it may be a plain connection, or a certificate that nobody has checked.
  if (socket.authorized !== true) return false;
  const { subjectaltname } = socket.getPeerCertificate();
  return alternativeNames(subjectaltname ?? '')?.some((name) => wanted.includes(name)) === true;
}
