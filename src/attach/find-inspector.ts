// The inspector of a process that listens at a port already.
import type { InspectorAddress } from '../cdp/web-socket.js';
import { askJson, askVersion } from './ask-json.js';
import { type Listening, listeningOf } from './listening.js';

/** An inspector, and what it says of its process. */
export interface FoundInspector {
  readonly address: InspectorAddress;
  readonly port: number;
  /** Of its socket: another one where it was closed and opened again. */
  readonly inode: string;
  /** Such as `v24.21.0`. */
  readonly nodeVersion: string;
  readonly title: string;
}

/**
 * Asks at those ports that the process listens at and `isLikely` says; undefined where none is an inspector's. The ports of
 * the application are better left alone: it would see the request.
 */
export async function findInspector(
  pid: number,
  isLikely: (listening: Listening) => boolean,
): Promise<FoundInspector | undefined> {
  for (const listening of listeningOf(pid).filter(isLikely)) {
    const found = await askInspector(listening);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function askInspector({ host, port, inode }: Listening): Promise<FoundInspector | undefined> {
  const nodeVersion = await askVersion({ host, port });
  if (nodeVersion === '') return undefined;
  const list = await askJson({ host, port }, '/json/list');
  const [target] = Array.isArray(list) ? (list as { readonly id?: unknown; readonly title?: unknown }[]) : [];
  if (typeof target?.id !== 'string') return undefined;
  const title = typeof target.title === 'string' ? target.title : '';
  return { address: { host, port, path: `/${target.id}` }, port, inode, nodeVersion, title };
}
