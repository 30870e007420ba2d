// A server that follows Grafana's documented HTTP API of folders and dashboards, as far as saving needs it.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface FakeFolder {
  readonly uid: string;
  readonly title: string;
}

export interface FakeDashboard {
  readonly uid: string;
  readonly folderUid: string;
  readonly version: number;
  readonly message: string;
  readonly dashboard: Readonly<Record<string, unknown>>;
}

export interface FakeGrafanaOptions {
  /** What stands before its paths, as `serve_from_sub_path` has it. @default nothing */
  readonly prefix?: string;
  /** The Authorization header that it wants. @default none */
  readonly authorization?: string;
  /** Folders that are there. @default [] */
  readonly folders?: readonly FakeFolder[];
  /** A folder within another one, which lists leave out. */
  readonly nested?: FakeFolder;
  /** A uid of a dashboard that files provision, which cannot be saved. */
  readonly provisioned?: string;
  /** Whether credentials may only read. @default false */
  readonly isViewer?: boolean;
  /** Certificate and key, for https. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A Grafana that runs until it is disposed of. */
export interface FakeGrafana extends AsyncDisposable {
  readonly url: string;
  readonly folders: readonly FakeFolder[];
  readonly dashboards: ReadonlyMap<string, FakeDashboard>;
  /** Method and path of each request. */
  readonly requests: readonly string[];
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export async function startGrafana(options: FakeGrafanaOptions = {}): Promise<FakeGrafana> {
  const { prefix = '', authorization, isViewer = false, nested, provisioned, tls } = options;
  const folders = [...(options.folders ?? [])];
  const dashboards = new Map<string, FakeDashboard>();
  const requests: string[] = [];

  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
      response.end(JSON.stringify(body));
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://grafana');
    const body = await readJson(request);
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      return { status: 401, body: { message: 'Invalid API key', messageId: 'api-key.invalid', statusCode: 401 } };
    }
    const path = pathname.slice(prefix.length);
    if (request.method === 'GET' && path.startsWith('/api/folders/')) {
      const uid = path.slice('/api/folders/'.length);
      const folder = [...folders, ...(nested === undefined ? [] : [nested])].find((each) => each.uid === uid);
      return folder === undefined
        ? { status: 404, body: { message: 'folder not found', status: 'not-found' } }
        : { status: 200, body: { id: 1, ...folder } };
    }
    switch (`${request.method} ${path}`) {
      case 'GET /api/folders': {
        const limit = Number(searchParams.get('limit') ?? 1000);
        const from = (Number(searchParams.get('page') ?? 1) - 1) * limit;
        return { status: 200, body: folders.slice(from, from + limit).map((folder, id) => ({ id, ...folder })) };
      }
      case 'POST /api/folders': {
        if (isViewer)
          return { status: 403, body: { message: "You'll need additional permissions", accessErrorId: 'x' } };
        const folder = { uid: `f${folders.length + 1}`, title: String(body?.title) };
        folders.push(folder);
        return { status: 200, body: { id: folders.length, ...folder, version: 1 } };
      }
      case 'POST /api/dashboards/db':
        return isViewer ? { status: 403, body: { message: 'Access denied to save dashboard' } } : save(body ?? {});
      default:
        return { status: 404, body: { message: 'Not found' } };
    }
  }

  function save({ dashboard, folderUid = '', overwrite, message = '' }: Readonly<Record<string, unknown>>): Reply {
    const json = dashboard as Readonly<Record<string, unknown>>;
    const uid = String(json.uid);
    if (uid.length > 40) return { status: 400, body: { message: 'uid too long, max 40 characters' } };
    if (json.title === undefined || json.title === '') {
      return { status: 400, body: { message: 'Dashboard title cannot be empty' } };
    }
    if (uid === provisioned) return { status: 400, body: { message: 'Cannot save provisioned dashboard' } };
    if (folderUid !== '' && [...folders, nested].every((folder) => folder?.uid !== folderUid)) {
      return { status: 404, body: { message: 'folder not found', status: 'not-found' } };
    }
    const before = dashboards.get(uid);
    if (before !== undefined && overwrite !== true && json.version !== before.version) {
      const said = 'The dashboard has been changed by someone else';
      return { status: 412, body: { status: 'version-mismatch', message: said } };
    }
    const version = (before?.version ?? 0) + 1;
    dashboards.set(uid, { uid, folderUid: String(folderUid), version, message: String(message), dashboard: json });
    const url = `${prefix}/d/${uid}/a-title`;
    return { status: 200, body: { id: dashboards.size, uid, url, status: 'success', version, slug: 'a-title' } };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}${prefix}`,
    folders,
    dashboards,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : (JSON.parse(text) as Readonly<Record<string, unknown>>);
}
