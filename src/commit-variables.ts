// The environment variables that name the commit a process runs, as platforms, build systems and people set them.

/** Set by people for their telemetry or by the image's build; a short hash is accepted here and from platforms. */
const TELEMETRY = ['DD_GIT_COMMIT_SHA', 'SENTRY_RELEASE'] as const;

/** Set by the platform in the running process, so they name what runs even where an image carries an older value. */
const PLATFORMS = [
  'VERCEL_GIT_COMMIT_SHA',
  'RAILWAY_GIT_COMMIT_SHA',
  'RENDER_GIT_COMMIT',
  // Heroku, with dyno metadata; the slug's commit is deprecated and stays behind when a release comes from a pipeline.
  'HEROKU_BUILD_COMMIT',
  'HEROKU_SLUG_COMMIT',
  'KOYEB_GIT_SHA',
  'ZEABUR_GIT_COMMIT_SHA',
  // Northflank
  'NF_DEPLOYMENT_SHA',
  // Clever Cloud
  'CC_COMMIT_ID',
  // Flightcontrol
  'FC_GIT_COMMIT_SHA',
  'CF_PAGES_COMMIT_SHA',
  'WORKERS_CI_COMMIT_SHA',
  // AWS Amplify
  'AWS_COMMIT_ID',
  // Coolify; "HEAD" in previews, which is no hash and is passed over.
  'SOURCE_COMMIT',
  // Heroku's build, Scalingo, Gigalixir
  'SOURCE_VERSION',
  // Dokku
  'GIT_REV',
  // Netlify
  'COMMIT_REF',
  // Platform.sh and Upsun: the hash of the tree, which tells deploys apart as well.
  'PLATFORM_TREE_ID',
] as const;

/** What people call it in a Dockerfile or a manifest; Jenkins sets the first, Google Cloud Build has COMMIT_SHA. */
const CUSTOMARY = [
  'GIT_COMMIT',
  'GIT_COMMIT_SHA',
  'GIT_SHA',
  'GIT_HASH',
  'GIT_REVISION',
  'COMMIT_SHA',
  'COMMIT_HASH',
  'COMMIT',
  'SHORT_SHA',
  'BUILD_SHA',
  'REVISION',
  'VCS_REF',
  'APP_REVISION',
] as const;

/** Set by build systems, which always give the full hash; some count revisions there when the source is not git. */
const BUILD_SYSTEMS = [
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'BITBUCKET_COMMIT',
  'CIRCLE_SHA1',
  'BUILDKITE_COMMIT',
  'DRONE_COMMIT_SHA',
  'TRAVIS_COMMIT',
  'SEMAPHORE_GIT_SHA',
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'BUILD_SOURCEVERSION',
  'BUILD_VCS_NUMBER',
  'APPVEYOR_REPO_COMMIT',
  'BUDDY_EXECUTION_REVISION',
  'CIRRUS_CHANGE_IN_REPO',
  'CF_REVISION',
  'CM_COMMIT',
  'GIT_CLONE_COMMIT_HASH',
  'CI_COMMIT_ID',
] as const;

/** Every variable that is read, the one that wins first. */
export const COMMIT_VARIABLES: readonly string[] = [...TELEMETRY, ...PLATFORMS, ...CUSTOMARY, ...BUILD_SYSTEMS];

const FULL_HASH_ONLY: ReadonlySet<string> = new Set(BUILD_SYSTEMS);
const HASH = /^[0-9a-f]{7,64}$/;
const FULL_HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const COMMIT_LENGTH = 7;

/**
 * The first commit that `environment` names, shortened to 7 characters; undefined where no variable holds a hash
 * (branch names, `HEAD`, revision numbers and text that was never expanded are passed over).
 *
 * @example
 * commitFrom({ GITHUB_SHA: 'ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12' }); // 'ab12cd3'
 */
export function commitFrom(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const name of COMMIT_VARIABLES) {
    const value = environment[name]?.trim().toLowerCase();
    if (value === undefined || !(FULL_HASH_ONLY.has(name) ? FULL_HASH : HASH).test(value)) continue;
    // Zeros are git's name for "no commit".
    if (!/^0+$/.test(value)) return value.slice(0, COMMIT_LENGTH);
  }
  return undefined;
}
