// A process in its group: it takes a slot, serves the endpoint when nobody else does, and is gathered by who does.
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Endpoint } from '../observer/messages.js';
import type { Source } from '../prometheus/serialize.js';
import type { MetricsServer } from '../prometheus/server.js';
import { type Gathering, startGathering } from './gathering.js';
import type { Membership } from './identity.js';
import { keepSlot } from './keep-slot.js';
import { createMember, type MemberOptions } from './member.js';
import { claimGroupFolder, findGroupFolder, folderName, sweep } from './place.js';
import { type Slot, takeSocket } from './slots.js';

/**
 * How often a primary that is none yet looks for workers: any process may become one, and most never do. Those that do have
 * them soon, so that it looks ever more seldom.
 */
const PENDING_LOOK_MS = 1_000;
const PENDING_LOOK_GROWTH = 1.2;
const PENDING_LOOK_AT_LEAST_EVERY_MS = 10_000;

/** How often a member tries to serve just after somebody did, … */
const TRY_EVERY_MS = 50;
/** … and at the least: while somebody does who could not tell of its end, or while a stranger has the port. */
const TRY_AT_LEAST_EVERY_MS = 1_000;
/** In between, a tenth of the time in which nobody has. */
const TRY_SHARE = 0.1;

/** Who has the port is of the group, or has not said so for this long. */
const STRANGER_AFTER_MS = 1_500;

/** What the main thread found out. */
export interface GroupSettings {
  readonly membership: Membership;
  /** Where this process is told to serve; the port may be 0. */
  readonly host: string;
  readonly port: number;
  /** Folders for sockets, the best first. */
  readonly folders: readonly string[];
  readonly uid: number;
}

export interface GroupOptions extends Omit<MemberOptions, 'onServed'> {
  readonly settings: GroupSettings;
  /** Where to listen first: where an observer of this process did before, or as it is told. */
  readonly listenPort: number;
  readonly clock: Clock;
  /** Listens; rejects with the error of `listen`. */
  readonly serve: (port: number) => Promise<MetricsServer>;
  /** Told where the group is served: by this process or another one. */
  readonly onEndpoint: (endpoint: Endpoint) => void;
  /** Told, once, that there is no endpoint for now. */
  readonly onNoEndpoint: (error: NodeJS.ErrnoException) => void;
  /** Told of the folder where the group meets. */
  readonly onFolder: (folder: string) => void;
  readonly onObstacle: (sentence: string) => void;
}

/** A process that is, or may be, in a group. */
export interface Group {
  /** The slot of this process; undefined while it is in no group. */
  readonly process: string | undefined;
  /** Has the others send newer figures, where this process serves. */
  refresh(): Promise<void>;
  /** What the others show, where this process serves. */
  take(): Source[];
}

/** Starts to take part in the group. What cannot be done is told; the endpoint is then served as without a group. */
export function joinGroup(options: GroupOptions): Group {
  const { settings, clock, serve, onEndpoint, onNoEndpoint, onFolder, onObstacle, report } = options;
  const { membership, folders, uid } = settings;
  const name = folderName(membership.identity, settings);
  let slot: Slot | undefined;
  let gathering: Gathering | undefined;
  let endpoint: Endpoint | undefined;
  /** Where another member serves. */
  let served: Endpoint | undefined;
  /** Since when nobody is known to serve; of no meaning while somebody is. */
  let unservedMs = 0;
  let lastPort = options.listenPort;
  let wake: () => void = () => {};

  function gather(folder: string, at: Endpoint): void {
    gathering ??= startGathering({ folder, ownSlot: () => slot?.name, clock, endpoint: at, report });
  }

  async function tryServing(port: number): Promise<NodeJS.ErrnoException | undefined> {
    try {
      const { host, port: bound, url } = await serve(port);
      endpoint = { host, port: bound, url };
      onEndpoint(endpoint);
      return undefined;
    } catch (error) {
      return error as NodeJS.ErrnoException;
    }
  }

  async function serveAlone(): Promise<void> {
    const failure = await tryServing(lastPort);
    if (failure === undefined) return;
    // A worker makes the folder before it tries the port: the first of them may have been faster than its primary.
    const isOurs = failure.code === 'EADDRINUSE' && membership.isPending && isGroupThere();
    if (!isOurs) onNoEndpoint(failure);
  }

  // The port itself is what members compete for; where any port will do, a socket of the folder is.
  async function serveInTurn(folder: string): Promise<void> {
    let sign: Slot | undefined;
    let isTold = false;
    unservedMs = clock.monotonicMs();
    while (endpoint === undefined) {
      let failure: NodeJS.ErrnoException | undefined;
      if (settings.port === 0) sign ??= await takeSocket(join(folder, 'endpoint'), '', (socket) => socket.destroy());
      if (settings.port !== 0 || sign !== undefined) {
        failure = await tryServing(lastPort);
        if (failure?.code === 'EADDRINUSE' && settings.port === 0) lastPort = 0;
      }
      if (endpoint !== undefined) break;
      const isFinal = failure !== undefined && failure.code !== 'EADDRINUSE';
      const unservedForMs = served === undefined ? clock.monotonicMs() - unservedMs : 0;
      if (!isTold && failure !== undefined && (isFinal || unservedForMs > STRANGER_AFTER_MS)) {
        isTold = true;
        onNoEndpoint(failure);
      }
      const everyMs = served === undefined ? Math.max(TRY_EVERY_MS, unservedForMs * TRY_SHARE) : TRY_AT_LEAST_EVERY_MS;
      await sleep(Math.min(TRY_AT_LEAST_EVERY_MS, everyMs) * (0.75 + Math.random() / 2));
    }
    gather(folder, endpoint);
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const member = createMember({
    ...options,
    onServed(now) {
      const before = served;
      served = now;
      if (now === undefined) {
        if (before !== undefined) unservedMs = clock.monotonicMs();
        wake();
      } else {
        lastPort = settings.port === 0 ? now.port : settings.port;
        if (now.url !== before?.url && endpoint === undefined) onEndpoint(now);
      }
    },
  });

  async function enter(): Promise<void> {
    let folder: string;
    try {
      folder = claimGroupFolder(folders, uid, name);
    } catch (error) {
      onObstacle(`there is no group: ${error instanceof Error ? error.message : String(error)}`);
      if (endpoint === undefined) await serveAlone();
      return;
    }
    onFolder(folder);
    const kept = await keepSlot({
      folder,
      uid,
      wish: membership.slot,
      onConnection: (socket) => member.accept(socket),
      onChange: (taken) => {
        slot = taken;
      },
      report,
    });
    slot = kept.slot;
    if (slot === undefined) {
      if (endpoint === undefined)
        onNoEndpoint(new Error('all slots of the group are taken, so its figures are not shown'));
      return;
    }
    if (endpoint === undefined) await serveInTurn(folder);
    else gather(folder, endpoint);
    await sweep(join(folder, '..'), name).catch(() => {});
  }

  function isGroupThere(): boolean {
    return findGroupFolder(folders, uid, name) !== undefined;
  }

  async function waitForWorkers(): Promise<void> {
    let everyMs = PENDING_LOOK_MS;
    while (!isGroupThere()) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      everyMs = Math.min(PENDING_LOOK_AT_LEAST_EVERY_MS, everyMs * PENDING_LOOK_GROWTH);
    }
    await enter();
  }

  const started = membership.isPending ? serveAlone().then(waitForWorkers) : enter();
  started.catch((error) => {
    report('this process could not join its group', error);
    return endpoint === undefined ? serveAlone() : undefined;
  });

  return {
    get process() {
      return slot?.name;
    },
    refresh: () => gathering?.refresh() ?? Promise.resolve(),
    take: () => gathering?.take() ?? [],
  };
}
