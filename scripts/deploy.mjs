// `npm run test:deploy`: the scripted deployment, which takes some seven minutes and a machine with nothing else to do.
import { spawnSync } from 'node:child_process';
import { ensureDebianPackages } from './external-tools.mjs';
import { root, setUp } from './setup.mjs';

setUp();
ensureDebianPackages();
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--import', 'tsx', '--test', '--test-reporter=spec', 'test/deploys/scripted-deployment.ts'],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
