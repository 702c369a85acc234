// From a clean clone to installed dependencies, with nothing but Node and the npm that comes with it.
// The pinned pnpm goes into .toolchain of the clone, so nothing global is touched. Once everything is
// in place this neither writes nor asks the network.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findPackages, readJson, root } from './workspace.mjs';

const isWindows = process.platform === 'win32';
const toolchain = join(root, '.toolchain');
const stamp = join(root, 'node_modules', '.setup-stamp');
const version = /^pnpm@(\d+\.\d+\.\d+)$/.exec(
  readJson(join(root, 'package.json')).packageManager,
)?.[1];
const pnpmHome = join(toolchain, `pnpm-${version}`);

/**
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  process.stderr.write(`\nerror: ${message}\n`);
  process.exit(1);
}

/** `npm run` passes its settings on and pnpm obeys some of them: only how to reach the registry may stay. */
const inherited =
  /^npm_config_(registry|(https?_?)?_?proxy|noproxy|cafile|ca|strict_ssl|userconfig|globalconfig|cache)$|_auth|^npm_config_(\/\/|@)/i;

/**
 * Where the tools of this clone come first on the path.
 *
 * @param {string} [pnpm]
 * @returns {NodeJS.ProcessEnv}
 */
function environment(pnpm) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => name !== 'NODE_ENV' && (!/^npm_/i.test(name) || inherited.test(name)),
    ),
  );
  const path = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const bins = [join(root, 'node_modules', '.bin'), pnpm && dirname(pnpm), env[path]];
  return {
    ...env,
    [path]: bins.filter(Boolean).join(delimiter),
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    pnpm_config_pm_on_fail: 'ignore',
    pnpm_config_update_notifier: 'false',
  };
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 */
const capture = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, ...options });

/** @param {ReturnType<typeof capture>} run */
const outputOf = (run) => [run.stdout, run.stderr, run.error].filter(Boolean).join('\n');

/** pnpm's own executable. Its npm wrapper needs an install script, which npm may refuse to run. */
function findPnpm() {
  const scope = join(pnpmHome, 'node_modules', '@pnpm');
  if (!existsSync(scope)) return undefined;
  return readdirSync(scope)
    .map((name) => join(scope, name, isWindows ? 'pnpm.exe' : 'pnpm'))
    .filter((file) => existsSync(file))
    .find(
      (file) => capture(file, ['--version'], { env: environment() }).stdout?.trim() === version,
    );
}

function fetchPnpm() {
  rmSync(pnpmHome, { recursive: true, force: true });
  mkdirSync(pnpmHome, { recursive: true });
  writeFileSync(join(pnpmHome, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const only = ['--ignore-scripts', '--include=optional', '--no-package-lock'];
  const args = ['install', `--prefix=${pnpmHome}`, ...only, ...quiet, `pnpm@${version}`];
  const cli = process.env['npm_execpath'] ?? '';
  const run = /npm-cli\.c?js$/.test(cli)
    ? capture(process.execPath, [cli, ...args], { cwd: pnpmHome })
    : capture(isWindows ? 'npm.cmd' : 'npm', args, { cwd: pnpmHome, shell: isWindows });
  const pnpm = findPnpm();
  if (!pnpm) fail(`npm did not bring pnpm ${version}\n${outputOf(run)}`);
  return pnpm;
}

/** @param {string} pnpm */
function install(pnpm) {
  const env = { ...environment(pnpm), CI: '1' };
  const args = ['install', '--frozen-lockfile', '--trust-lockfile', '--reporter=append-only'];
  let run = capture(pnpm, args, { env });
  if (run.status !== 0) {
    // Most often the home directory cannot be written: try with everything inside the clone.
    /** @type {NodeJS.ProcessEnv} */
    const home = { HOME: toolchain };
    for (const kind of ['CACHE', 'DATA', 'STATE'])
      home[`XDG_${kind}_HOME`] = join(toolchain, kind.toLowerCase());
    run = capture(pnpm, [...args, `--store-dir=${join(toolchain, 'store')}`], {
      env: { ...env, ...home },
    });
  }
  if (run.status !== 0) fail(`pnpm install failed\n${outputOf(run)}`);
}

/** Everything that decides what node_modules holds. */
function fingerprint() {
  const hash = createHash('sha256').update([version, process.platform, process.arch, root].join());
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'])
    hash.update(readFileSync(join(root, file)));
  const packages = findPackages();
  for (const { dir, manifest } of packages) {
    hash.update(`${dir} ${JSON.stringify(manifest)}`);
    const wantsLinks = manifest.dependencies || manifest.devDependencies;
    if (wantsLinks && !existsSync(join(root, dir, 'node_modules'))) hash.update('unlinked');
  }
  return hash.digest('hex');
}

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** @param {string} lock */
function isRunning(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    // A lock that was just made may not hold its number yet.
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return codeOf(error) === 'EPERM' || Date.now() - made < 2000;
  }
}

/**
 * `npm start` and `npm test` may be called together; the second waits for the first.
 *
 * @template T
 * @param {() => T} work
 */
function alone(work) {
  const lock = join(toolchain, 'lock');
  mkdirSync(toolchain, { recursive: true });
  const deadline = Date.now() + 15 * 60_000;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (Date.now() > deadline) fail(`gave up waiting for ${lock}`);
    if (!isRunning(lock)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  const result = work();
  process.removeListener('exit', release);
  release();
  return result;
}

/**
 * @template T
 * @param {string} what
 * @param {() => T} work
 */
function announce(what, work) {
  process.stderr.write(`setup: ${what} ... `);
  const start = Date.now();
  const result = work();
  process.stderr.write(`${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}

/**
 * Puts pnpm and (unless `installs` is false) the dependencies in place.
 * Returns pnpm's path and the environment in which everything else is to run.
 */
export function setup({ installs = true, force = false } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or newer is needed; this is ${process.version}`);
  if (!version) fail('package.json: "packageManager" must read pnpm@x.y.z');
  const isDone = () => !installs || (!force && isInstalled());
  let pnpm = findPnpm();
  if (!pnpm || !isDone()) {
    pnpm = alone(() => {
      const found = findPnpm() ?? announce(`fetching pnpm ${version}`, fetchPnpm);
      if (!isDone()) {
        rmSync(stamp, { force: true });
        announce('installing dependencies', () => install(found));
        writeFileSync(stamp, fingerprint());
      }
      return found;
    });
  }
  return { pnpm, env: environment(pnpm) };
}
