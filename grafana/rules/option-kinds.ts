// Kinds of values that only rules take; each check throws a TypeError that quotes name, bound and value.
import { LATENCY_BOUNDS_S } from '../../src/metric-names.js';
import { nameList, unexpected, type ValueKind } from '../../src/option-values.js';

/**
 * Bucket bounds that rules may name. Those that are whole numbers are not among them: Prometheus 2 keeps `le="1"` as it was
 * exposed, Prometheus 3 makes it `le="1.0"`, and one rule is to fit both.
 */
export const NAMED_BOUNDS_S: readonly number[] = LATENCY_BOUNDS_S.filter((bound) => !Number.isInteger(bound));

/** A bucket bound that is written alike in Prometheus 2 and 3, in seconds. */
export const bucketBound: ValueKind<number> = {
  allowed: `one of the bucket bounds ${NAMED_BOUNDS_S.join(', ')}`,
  check(value, name) {
    const bound = NAMED_BOUNDS_S.find((candidate) => candidate === value);
    if (bound === undefined) throw unexpected(name, bucketBound.allowed, value);
    return bound;
  },
  parse(text, name) {
    const bound = NAMED_BOUNDS_S.find((candidate) => text.trim() !== '' && candidate === Number(text));
    if (bound === undefined) throw unexpected(name, bucketBound.allowed, text);
    return bound;
  },
};

/** Names of labels, without those that rules group by or give to alerts themselves: they would tell no services apart. */
export const labelNames: ValueKind<readonly string[]> = namesLike(
  /^(?!(?:job|instance|process|service_version|thread_name|le|alertname|severity)$|__)[a-zA-Z_]\w*$/,
  'names of labels other than job, instance, process, service_version, thread_name, le, alertname and severity',
);

/** Names of alerts; whether there are such is looked at where alerts are. */
export const alertNames: ValueKind<readonly string[]> = namesLike(/^Loopsight[A-Z]\w*$/, 'names of alerts');

/** Names of jobs. */
export const jobNames: ValueKind<readonly string[]> = namesLike(/^[^"\\\n]+$/, 'names of jobs without quotes');

const MATCHER = String.raw`([a-zA-Z_]\w*)\s*(?:=|!=|=~|!~)\s*"(?:[^"\\\n]|\\.)*"`;

/** The single matchers of a text that `matchers` allows, each with its label. */
export function matchersIn(text: string): readonly { readonly label: string; readonly matcher: string }[] {
  return [...text.matchAll(new RegExp(MATCHER, 'g'))].map(([matcher, label = '']) => ({ label, matcher }));
}

/** Label matchers as PromQL writes them, such as `namespace="shop", job!~"batch-.*"`; empty for none. */
export const matchers: ValueKind<string> = {
  allowed: 'label matchers such as `namespace="shop", job!~"batch-.*"`',
  check(value, name) {
    if (typeof value !== 'string' || !new RegExp(`^\\s*(${MATCHER}(\\s*,\\s*${MATCHER})*)?\\s*$`).test(value)) {
      throw unexpected(name, matchers.allowed, value);
    }
    return value.trim();
  },
  parse: (text, name) => matchers.check(text, name),
};

/** An address that paths can be added to; empty for none. */
export const baseUrl: ValueKind<string> = {
  allowed: 'an http or https address without a query',
  check(value, name) {
    if (value === '') return '';
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
      throw unexpected(name, baseUrl.allowed, value);
    }
    return String(value).replace(/\/+$/, '');
  },
  parse: (text, name) => baseUrl.check(text, name),
};

function namesLike(pattern: RegExp, allowed: string): ValueKind<readonly string[]> {
  const kind: ValueKind<readonly string[]> = {
    allowed,
    check(value, name) {
      const names = nameList.check(value, name);
      for (const each of names) if (!pattern.test(each)) throw unexpected(name, allowed, each);
      return names;
    },
    parse: (text, name) => kind.check(nameList.parse(text, name), name),
  };
  return kind;
}
