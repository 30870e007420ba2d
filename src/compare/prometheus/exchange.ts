// One query and its whole answer.
import { type Answer, exchange as ask, type ExchangeLimits } from '../../http/exchange.js';

const FORM = 'application/x-www-form-urlencoded';

/** Sends `form` to `url`: as a body with `POST`, within the URL with `GET`. Rejects with UnreadableData. */
export function exchange(
  url: URL,
  method: 'GET' | 'POST',
  form: URLSearchParams,
  limits: ExchangeLimits,
): Promise<Answer> {
  const advised = { ifTooLarge: 'narrow what is compared with --match or a shorter --window', ...limits };
  if (method === 'POST') return ask(url, { method, body: { type: FORM, text: form.toString() } }, advised);
  const target = new URL(url);
  // What a base URL asks for, such as `dedup=true` of Thanos, goes with every query.
  for (const [name, value] of form) target.searchParams.append(name, value);
  return ask(target, { method }, advised);
}
