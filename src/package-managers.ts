// Package managers that are started with NODE_OPTIONS of the service are not the service.
import { basename } from 'node:path';

const COMMANDS = new Set(['npm', 'npx', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'corepack']);
const FILES = /^(npm-cli|npx-cli|npm-prefix|corepack|pnpm|pnpx|yarn|yarnpkg|yarn-\d[\w.-]*)\.[cm]?js$/;

/** Whether the program in `entryFile` is npm, npx, yarn, pnpm or corepack. */
export function isPackageManager(entryFile: string | undefined): boolean {
  if (entryFile === undefined) return false;
  const name = basename(entryFile).toLowerCase();
  return COMMANDS.has(name) || FILES.test(name);
}
