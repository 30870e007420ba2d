// Two flows that take the same locks in opposite orders, one that holds a lock for long, and one whose update is lost.
import { setTimeout as pause } from 'node:timers/promises';
import { monitorLock, watchShared } from 'loopsight';
import { Mutex, withTimeout } from '../../libraries/node_modules/async-mutex/index.mjs';

const [what] = process.argv.slice(2);

async function holdForLong(lock) {
  await lock.runExclusive(() => pause(400));
}

async function waitForIt(lock) {
  (await lock.acquire())();
}

async function transfer(accounts, ledger) {
  const release = await accounts.acquire();
  await pause(20);
  if (what === 'deadlock') setTimeout(() => process.exit(), 400);
  const releaseLedger = await ledger.acquire();
  releaseLedger();
  release();
}

async function audit(accounts, ledger) {
  await ledger.runExclusive(async function compare() {
    await pause(20);
    await accounts.runExclusive(() => {});
  });
}

let isDebited = false;

async function credit(account, amount) {
  const { balance } = account;
  do await pause(5);
  while (what === 'lost' && !isDebited);
  account.balance = balance + amount;
}

async function debit(account, amount) {
  const { balance } = account;
  await pause(5);
  account.balance = balance - amount;
  isDebited = true;
}

const accounts = new Mutex();
const ledger = new Mutex();
monitorLock(accounts, 'accounts');
monitorLock(ledger, 'ledger');

if (what === 'long') await Promise.all([holdForLong(accounts), waitForIt(accounts)]);
if (what === 'helper') {
  // One function for all locks is what everybody asks by.
  async function underLock(lock, work) {
    const release = await lock.acquire();
    await work();
    release();
  }
  async function settleDay() {
    await underLock(accounts, () => pause(400));
  }
  async function showBalance() {
    await underLock(accounts, () => {});
  }
  await Promise.all([settleDay(), showBalance()]);
}
if (what === 'order') {
  await transfer(accounts, ledger);
  await audit(accounts, ledger);
  await transfer(accounts, ledger);
}
if (what === 'deadlock') await Promise.all([transfer(accounts, ledger), audit(accounts, ledger)]);
if (what === 'timeouts') {
  const [first, second] = [withTimeout(accounts, 1000), withTimeout(ledger, 1000)];
  await first.runExclusive(function post() {
    return second.runExclusive(() => pause(5));
  });
  await second.runExclusive(function settle() {
    return first.runExclusive(() => pause(5));
  });
}
if (what === 'same order') {
  // Two flows that the same code has started hold nothing of each other.
  const both = async () => {
    const releases = [];
    for (const lock of [accounts, ledger]) {
      releases.push(await lock.acquire());
      await pause(5);
    }
    for (const release of releases) release();
  };
  const one = async (lock) => {
    const release = await lock.acquire();
    await pause(5);
    release();
  };
  await Promise.all([both(), one(ledger), one(accounts), both(), one(ledger)]);
  for (const lock of [ledger, accounts]) void one(lock);
  await pause(30);
}
if (what === 'guarded') {
  // Whoever holds the third lock is alone with the two.
  const all = new Mutex();
  await all.runExclusive(() => transfer(accounts, ledger));
  await all.runExclusive(() => audit(accounts, ledger));
}
if (what === 'lost') {
  const account = watchShared({ balance: 0, owner: 'x' }, 'account');
  await Promise.all([credit(account, 10), debit(account, 5)]);
}
if (what === 'kept') {
  const account = watchShared({ balance: 0 }, 'account');
  await credit(account, 10);
  await debit(account, 5);
  await Promise.all([accounts.runExclusive(() => credit(account, 1)), accounts.runExclusive(() => debit(account, 1))]);
  account.balance += 1;
  if (account.balance !== 6) throw new Error(`${account.balance}`);
}
