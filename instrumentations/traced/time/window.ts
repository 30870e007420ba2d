// A window in which calls are measured: async_hooks tell which call everything that runs belongs to.
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import type { MeasurableCall } from '../../../src/call-times.js';
import { NO_CALL, noteSegment } from '../../../src/live-calls/live-calls.js';
import {
  forgetWhere,
  noteCut,
  noteMeasured,
  noteOffloaded,
  noteOwn,
  noteWake,
  noteWhere,
} from '../../../src/live-calls/live-notes.js';
import { whereNow } from '../../../src/live-calls/where.js';
import type { FollowedRequest } from '../../../src/route-windows.js';
import { enableAndMeasure } from './hook-cost.js';
import { loopIdleMs } from './loop-idle.js';
import { nearestOpen, OpenCall } from './measured-call.js';
import { createOffloads } from './offloads.js';
import { RequestTrail } from './request-trail.js';
import { ResourceOwners, WAKE, wakeBy } from './resource-owners.js';

/** Stacks that one window reads at most, for those who ask where calls wait. */
const STACK_LIMIT = 2000;

/** A switch charges each call around the one that ran; so many of them cost as much as a resource. */
const CHARGES_PER_RESOURCE = 64;

// Our own callbacks must not keep the context of a request.
const runOutsideRequests = AsyncLocalStorage.snapshot();

export interface WindowOptions {
  readonly nowMs: () => number;
  /** Asynchronous resources that the window follows at most; it ends with the last one. */
  readonly idLimit: number;
  /** What its hooks may cost, in milliseconds; it ends when that is spent. */
  readonly budgetMs: number;
  /** Whether the places are noted where calls wait. */
  readonly hasPlaces: boolean;
  readonly report: (cause: string, error: unknown) => void;
  /** Told of each call that was measured, in milliseconds; `isCut` where it goes on after the window. */
  readonly onCall: (call: OpenCall, wallMs: number, idleMs: number, isCut: boolean) => void;
  /** Whether requests are followed beside the calls. @default false */
  readonly hasRequests?: boolean;
  /** Told once that the window is closed, and what it cost, in milliseconds by its own clock; with the requests, if any were to be followed. */
  readonly onClose: (costMs: number, requests: RequestTrail | undefined) => void;
}

/** A window that is open until it is closed. */
export interface Window {
  readonly isOpen: boolean;
  /** The call that is running. */
  readonly current: OpenCall | undefined;
  begin(call: MeasurableCall): OpenCall | undefined;
  beginOffload(): (() => void) | undefined;
  /** A request begins in the current callback; undefined where it is not followed. */
  beginRequest(): FollowedRequest | undefined;
  /** Measures no further calls; the window closes with the last one that it measures, and the last request that it follows. */
  finish(): void;
  close(): void;
}

/** Opens a window; calls that begin in it are measured. */
export function openWindow(options: WindowOptions): Window {
  const { nowMs, idLimit, budgetMs, report, onCall, onClose } = options;
  const openedMs = nowMs();
  const offloads = createOffloads(nowMs);
  const calls: (OpenCall | undefined)[] = [];
  const freePlaces: number[] = [];
  /** What runs inside of what: the resources, and the call that each of them interrupted. */
  const resources: number[] = [];
  const interrupted: (OpenCall | undefined)[] = [];
  let owners = new ResourceOwners(Number.POSITIVE_INFINITY, 0);
  let firstId = 0;
  let lastId = 0;
  let idBudget = Number.POSITIVE_INFINITY;
  let costMs = 0;
  let openCostMs = 0;
  let current: OpenCall | undefined;
  let sinceMs = openedMs;
  let turn = 0;
  let openCalls = 0;
  let begun = 0;
  let charged = 0;
  let stacksLeft = options.hasPlaces ? STACK_LIMIT : 0;
  let isOpen = true;
  let isAccepting = true;
  const requests = options.hasRequests === true ? new RequestTrail({ nowMs, idLimit }) : undefined;

  // What is thrown in a hook would end the process. Nothing is done in one after the end.
  function init(id: number, type: string, _trigger: number, resource: object): void {
    if (!isOpen) return;
    try {
      lastId = id;
      const owner = current === undefined || current.isOpen ? current : nearestOpen(current);
      const wake = wakeBy(type, resource);
      if (id - firstId + beside() > idBudget || !owners.add(id, owner === undefined ? 0 : owner.place, wake)) {
        closeInHook();
        return;
      }
      requests?.made(id);
      if (owner === undefined) return;
      owner.hasResources = true;
      if (wake !== WAKE.promise) offloads.made(id, type, resource, owner);
      else if (stacksLeft > 0) notePlace(owner);
      else if (options.hasPlaces) forgetWhere(owner.livePlace);
    } catch (error) {
      fail(error);
    }
  }

  function before(id: number): void {
    if (!isOpen) return;
    try {
      const place = owners.placeOf(id);
      const owner = place === 0 ? undefined : nearestOpen(calls[place - 1]);
      resources.push(id);
      interrupted.push(current);
      requests?.before(id);
      switchTo(owner);
      offloads.before(id);
      const wake = owners.wakeOf(id);
      if (wake === WAKE.byItself || wake === WAKE.byOthers) turn++;
      if (owner === undefined || owner.lastTurn === turn) return;
      owner.lastTurn = turn;
      noteWake(owner.livePlace, wake === WAKE.byItself);
    } catch (error) {
      fail(error);
    }
  }

  function after(id: number): void {
    if (!isOpen) return;
    try {
      // Those that were entered before the hooks were on are not known.
      if (!resources.includes(id)) {
        requests?.afterFirst();
        return;
      }
      let before: OpenCall | undefined;
      do {
        before = interrupted.pop();
        requests?.after();
      } while (resources.pop() !== id);
      offloads.after(id);
      switchTo(before);
    } catch (error) {
      fail(error);
    }
  }

  function switchTo(next: OpenCall | undefined): void {
    if (next === current) return;
    const switchedMs = nowMs();
    charge(switchedMs);
    offloads.settle(switchedMs);
    if (current !== undefined) {
      noteSegment(current.livePlace, current.ownMs, false, switchedMs);
      if (current.offloadedMs > 0) noteOffloaded(current.livePlace, current.offloadedMs);
    }
    current = next;
    if (next !== undefined) noteSegment(next.livePlace, next.ownMs, true, switchedMs);
  }

  /** What the calls cost beside the resources, in as many resources. */
  function beside(): number {
    return begun + charged / CHARGES_PER_RESOURCE;
  }

  // What a call makes is its own as well.
  function charge(untilMs: number): void {
    for (let call = current; call !== undefined; call = call.around()) {
      if (!call.isOpen) continue;
      charged++;
      call.ownMs += untilMs - sinceMs;
      noteOwn(call.livePlace, call.ownMs);
    }
    sinceMs = untilMs;
  }

  function notePlace({ livePlace }: OpenCall): void {
    stacksLeft--;
    const place = whereNow(init);
    if (place !== undefined) noteWhere(livePlace, place);
  }

  function fail(error: unknown): void {
    closeInHook();
    report('the measuring of traced calls failed', error);
  }

  // Node does not take its hooks off promises when one is disabled by a hook.
  function closeInHook(): void {
    end();
    runOutsideRequests(() => setImmediate(() => hook.disable()).unref());
  }

  function close(): void {
    if (!isOpen) return;
    hook.disable();
    end();
  }

  function end(): void {
    isOpen = false;
    isAccepting = false;
    const closedMs = nowMs();
    charge(closedMs);
    requests?.end();
    current = undefined;
    const idleMs = loopIdleMs();
    for (const call of calls) {
      if (call?.isOpen !== true) continue;
      call.close(closedMs);
      noteCut(call.livePlace);
      try {
        call.call.cut(closedMs, idleMs);
      } catch (error) {
        report('the measuring of traced calls failed', error);
      }
    }
    offloads.close();
    calls.length = 0;
    owners = new ResourceOwners(0, 0);
    onClose(openCostMs + (lastId - firstId + beside()) * costMs + nowMs() - closedMs, requests);
  }

  function closeIfDone(): void {
    if (isOpen && !isAccepting && openCalls === 0 && (requests?.open ?? 0) === 0) close();
  }

  // The second half of the budget is for those that have begun.
  const mayBegin = (): boolean => isAccepting && lastId - firstId + beside() <= idBudget / 2;

  const measuring = {
    enter(call: OpenCall): void {
      if (!isOpen) return;
      call.outer = current;
      switchTo(call);
    },
    leave(call: OpenCall): void {
      const { outer } = call;
      call.outer = undefined;
      if (isOpen) switchTo(outer);
    },
    end(call: OpenCall, endMs: number): void {
      if (!isOpen || !call.isOpen) return;
      // A generator that was abandoned ended before now.
      charge(Math.max(endMs, sinceMs));
      offloads.settle(endMs);
      call.close(endMs);
      openCalls--;
      // What it left behind belongs to the call around it.
      calls[call.place - 1] = nearestOpen(call.parent);
      if (!call.hasResources) freePlaces.push(call.place);
    },
    tell(call: OpenCall, wallMs: number, idleMs: number): void {
      onCall(call, wallMs, idleMs, !isOpen);
      // Not before it was told of.
      closeIfDone();
    },
  };

  const hook = createHook({ init, before, after });
  current = new OpenCall(measuring, { functionName: '', livePlace: NO_CALL, cut() {} }, undefined, 1);
  owners = new ResourceOwners(new AsyncResource('loopsight').asyncId(), idLimit);
  costMs = enableAndMeasure(hook, nowMs);
  current = undefined;
  firstId = new AsyncResource('loopsight').asyncId();
  owners = new ResourceOwners(firstId, idLimit);
  requests?.begins(firstId);
  idBudget = budgetMs / costMs;
  openCostMs = nowMs() - openedMs;

  return {
    get isOpen() {
      return isOpen;
    },
    get current() {
      return current;
    },
    begin(call) {
      if (!mayBegin()) return undefined;
      const place = freePlaces.pop() ?? calls.length + 1;
      if (place > idLimit) return undefined;
      const measured = new OpenCall(measuring, call, nearestOpen(current), place);
      calls[place - 1] = measured;
      openCalls++;
      begun++;
      noteMeasured(call.livePlace);
      return measured;
    },
    beginOffload() {
      const owner = nearestOpen(current);
      return owner === undefined ? undefined : offloads.begin(owner);
    },
    beginRequest() {
      if (requests === undefined) return undefined;
      if (!mayBegin()) requests.finish();
      const followed = requests.begin();
      if (followed === undefined) return undefined;
      begun++;
      return {
        name: followed.name,
        end(name) {
          followed.end(name);
          closeIfDone();
        },
      };
    },
    finish() {
      isAccepting = false;
      requests?.finish();
      closeIfDone();
    },
    close,
  };
}
