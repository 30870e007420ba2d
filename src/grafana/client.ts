// Saves dashboards in a Grafana, by the HTTP API that versions 9 to 13 have.
import { type Answer, type ExchangeLimits, exchange, type Question, shownUrl } from '../http/exchange.js';
import { isRecord, jsonOf, kindOf } from '../http/json-answer.js';
import { UnreadableData } from '../http/unreadable.js';
import type { Transport } from '../http/way.js';
import { printable } from '../status/wording.js';

/** Where Grafana is, and who asks. */
export interface GrafanaOptions {
  /** From `grafanaUrl`. */
  readonly url: URL;
  /** For all requests together, milliseconds. */
  readonly timeoutMs: number;
  /** For one request, milliseconds. @default 30000 */
  readonly requestTimeoutMs?: number | undefined;
  /** The Authorization header, where the URL has no name and password. @default none */
  readonly authorization?: string | undefined;
  /** Further headers, a client's certificate, a proxy. @default none */
  readonly transport?: Transport | undefined;
}

/** A dashboard as Grafana takes it. */
export interface SavedDashboard {
  readonly uid: string;
  readonly [key: string]: unknown;
}

/** A Grafana. */
export interface GrafanaClient {
  /** Its address, safe to print. */
  readonly shown: string;
  /** The uid of the folder that has `name` as its title or uid; it is made where there is none. Rejects with UnreadableData. */
  folder(name: string): Promise<string>;
  /** Saves a dashboard in a folder, in the place of one with the same uid; the top level where the folder is undefined.
   * Resolves to its address. Rejects with UnreadableData. */
  save(dashboard: SavedDashboard, folderUid: string | undefined, message: string): Promise<string>;
}

const FOLDERS_AT_ONCE = 1000;
const PAGES = 20;
/** What Grafana takes as a uid. */
const UID = /^[\w-]{1,40}$/;
const MAXIMUM_BYTES = 16 * 1024 ** 2;
const TEXT_LIMIT = 300;

/** Creates a client; its time limit begins now. */
export function createGrafanaClient(options: GrafanaOptions): GrafanaClient {
  const { url, timeoutMs, requestTimeoutMs = 30_000, authorization, transport } = options;
  const limits: ExchangeLimits = {
    signal: AbortSignal.timeout(timeoutMs),
    totalMs: timeoutMs,
    requestMs: Math.min(requestTimeoutMs, timeoutMs),
    maximumBytes: MAXIMUM_BYTES,
    authorization,
    transport,
  };
  const shown = shownUrl(url).replace(/\/$/, '');
  const hasCredentials = authorization !== undefined || url.username !== '';

  async function ask(path: string, question: Question, doing: string): Promise<unknown> {
    const answer = await exchange(new URL(`api/${path}`, url), question, limits);
    if (answer.status !== 200) throw new UnreadableData(refusal(answer, doing));
    return jsonFrom(answer);
  }

  function jsonFrom(answer: Answer): unknown {
    const json = jsonOf(answer);
    if (json === undefined) throw new UnreadableData(`${shown} answered with ${kindOf(answer, "Grafana's")}.`);
    return json;
  }

  /** Folders within folders are not listed, but found by their uid. */
  async function folderByUid(uid: string): Promise<unknown> {
    if (!UID.test(uid)) return undefined;
    const answer = await exchange(new URL(`api/folders/${uid}`, url), { method: 'GET' }, limits);
    // What is not there may be answered with 403, because nobody has rights on it.
    return answer.status === 200 ? jsonFrom(answer) : undefined;
  }

  function refusal(answer: Answer, doing: string): string {
    const { status } = answer;
    const json = jsonOf(answer);
    const said = isRecord(json) && typeof json.message === 'string' ? json.message : undefined;
    const why = said === undefined ? '' : `: ${printable(said, TEXT_LIMIT).replace(/\.$/, '')}`;
    if (status === 401) {
      return hasCredentials
        ? `${shown} refuses the credentials (status 401)${why}.`
        : `${shown} asks for credentials: set LOOPSIGHT_GRAFANA_TOKEN_FILE to a file with the token of a service account.`;
    }
    if (status === 403) {
      return `${shown} does not allow these credentials to ${doing} (status 403)${why}; a service account needs the role Editor.`;
    }
    if (status === 404 && said === undefined) {
      return `${shown} has no API of Grafana (status 404); a path prefix belongs into --grafana.`;
    }
    return `${shown} could not ${doing} (status ${status})${why}.`;
  }

  const post = (path: string, body: unknown, doing: string) =>
    ask(path, { method: 'POST', body: { type: 'application/json', text: JSON.stringify(body) } }, doing);

  return {
    shown,
    async folder(name) {
      for (let page = 1; page <= PAGES; page++) {
        const found = await ask(`folders?limit=${FOLDERS_AT_ONCE}&page=${page}`, { method: 'GET' }, 'list its folders');
        if (!Array.isArray(found)) throw new UnreadableData(`${shown} answered with JSON that is no list of folders.`);
        const folders = found.filter(isRecord);
        const folder = folders.find(({ uid }) => uid === name) ?? folders.find(({ title }) => title === name);
        if (folder !== undefined) return uidOf(folder);
        if (found.length < FOLDERS_AT_ONCE) break;
      }
      const nested = await folderByUid(name);
      return uidOf(nested ?? (await post('folders', { title: name }, `make the folder ${printable(name)}`)));
    },
    async save(dashboard, folderUid, message) {
      const doing = `save the dashboard ${printable(dashboard.uid)}`;
      const request = { dashboard: { ...dashboard, id: null }, folderUid, overwrite: true, message };
      const saved = await post('dashboards/db', request, doing);
      if (!isRecord(saved) || saved.uid !== dashboard.uid) {
        throw new UnreadableData(`${shown} answered with JSON that is no saved dashboard.`);
      }
      return `${shown}/d/${dashboard.uid}`;
    },
  };

  function uidOf(folder: unknown): string {
    const uid = isRecord(folder) ? folder.uid : undefined;
    if (typeof uid !== 'string' || uid === '') {
      throw new UnreadableData(`${shown} answered with a folder that has no uid.`);
    }
    return uid;
  }
}
