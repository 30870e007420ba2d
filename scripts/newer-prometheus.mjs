// Prometheus 3 beside the Prometheus 2 of Debian's stable release: from Debian's testing one, unpacked and not installed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** The release of Debian that has it. */
const RELEASE = 'forky';
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PROGRAMS = ['prometheus', 'promtool'];

/** The folder with `prometheus` and `promtool` of version 3; undefined where they cannot be had. */
export function ensurePrometheus3() {
  const folder = join(root, '.cache', 'prometheus-3');
  const isThere = () => PROGRAMS.every((name) => existsSync(join(folder, name)));
  if (isThere()) return folder;
  if (process.platform !== 'linux' || !existsSync(KEYS)) return undefined;
  console.log('Fetching Prometheus 3 …');
  const work = mkdtempSync(join(tmpdir(), 'loopsight-apt-'));
  try {
    download(work);
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg-deb', ['-x', join(work, file), join(work, 'unpacked')], { stdio: 'ignore' });
    }
    for (const name of PROGRAMS) copyFileSync(join(work, 'unpacked/usr/bin', name), join(folder, name));
  } catch {
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return isThere() ? folder : undefined;
}

/** Lets apt fetch and verify the packages with lists and sources of their own, so that the machine's stay as they are. */
function download(work) {
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, folder), { recursive: true });
  const sources = join(work, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${KEYS}] ${mirror()} ${RELEASE} main\n`);
  const options = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  execFileSync('apt-get', [...flags, 'update'], { stdio: 'ignore' });
  execFileSync('apt-get', [...flags, 'download', ...PROGRAMS], { cwd: work, stdio: 'ignore' });
}

/** Where this machine gets Debian's packages from. */
function mirror() {
  const targets = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'], {
    encoding: 'utf8',
  });
  const found = targets.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (found === undefined) throw new Error('There is no mirror of Debian');
  return found;
}
