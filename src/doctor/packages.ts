// Packages that matter to what is measured, and their versions, among the modules that the program has loaded.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const TOLD =
  /^(?:express|fastify|koa|@hapi\/hapi|@nestjs\/core|next|restify|hono|prom-client|dd-trace|newrelic|elastic-apm-node|@sentry\/node|applicationinsights|bullmq|p-queue|fastq|piscina|@opentelemetry\/(?:api|api-logs|sdk-[\w-]+|instrumentation|auto-instrumentations-node))$/;

/**
 * The packages, as `express 5.1.0`. Those that were required are known, by an ES module too; packages that are ES
 * modules alone leave no trace that can be read.
 */
export function findPackages(paths: Iterable<string> = loadedFiles()): string[] {
  const folders = new Map<string, string>();
  for (const path of paths) {
    const [, folder, name] = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/.exec(path) ?? [];
    if (folder === undefined || name === undefined) continue;
    const shown = name.replace('\\', '/');
    if (TOLD.test(shown)) folders.set(folder, shown);
  }
  const found = [...folders].map(([folder, name]) => `${name} ${versionIn(folder)}`);
  return [...new Set(found)].sort();
}

function loadedFiles(): string[] {
  return Object.keys(createRequire(process.execPath).cache);
}

function versionIn(folder: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly version?: unknown;
    };
    return typeof version === 'string' ? version : '(no version)';
  } catch {
    return '(version not readable)';
  }
}
