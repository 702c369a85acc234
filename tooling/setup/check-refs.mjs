// The references of each tsconfig must equal what the manifest depends on: with one missing, tsc says nothing
// and checks the dependency's source again. `--fix` writes them.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { findPackages, readJson, root } from './workspace.mjs';

const fix = process.argv.includes('--fix');
const packages = findPackages();
/** @type {Map<string, string>} */
const builds = new Map(
  packages
    .map(({ dir, manifest }) => ({ name: manifest.name, file: `${dir}/tsconfig.build.json` }))
    .filter(({ file }) => existsSync(join(root, file)))
    .map(({ name, file }) => [name, file]),
);
let wrong = 0;
/** @type {string[]} */
const mended = [];

/** @param {string[]} paths */
const list = (paths) => (paths.length > 0 ? paths.join(', ') : 'none');

/**
 * @param {string} file From the root.
 * @param {string[]} targets The directories or files that it must refer to, from the root.
 */
function expectReferences(file, targets) {
  /** @type {{ references?: { path: string }[] }} */
  const config = readJson(join(root, file));
  const want = [...new Set(targets)]
    .map((target) => posix.relative(posix.dirname(file), target))
    .map((path) => (path.startsWith('.') ? path : `./${path}`))
    .toSorted();
  const have = (config.references ?? []).map(({ path }) => path);
  if (JSON.stringify(want) === JSON.stringify(have.toSorted())) return;
  if (fix) {
    const references = want.map((path) => ({ path }));
    writeFileSync(join(root, file), `${JSON.stringify({ ...config, references }, null, 2)}\n`);
    mended.push(file);
    return;
  }
  wrong += 1;
  const missing = list(want.filter((path) => !have.includes(path)));
  const needless = list(have.filter((path) => !want.includes(path)));
  console.error(`${file}: references missing: ${missing}; not in the manifest: ${needless}`);
}

for (const { dir, manifest } of packages) {
  const buildsOf = (dependencies = {}) =>
    Object.keys(dependencies).flatMap((name) => builds.get(name) ?? []);
  const own = builds.get(manifest.name);
  if (own) expectReferences(own, buildsOf(manifest.dependencies));
  const tests = buildsOf(manifest.devDependencies);
  expectReferences(
    `${dir}/tsconfig.json`,
    own ? [own, ...tests] : [...buildsOf(manifest.dependencies), ...tests],
  );
}
expectReferences('tsconfig.json', ['tooling', ...packages.map(({ dir }) => dir)]);
if (mended.length > 0) {
  execFileSync(join(root, 'node_modules/.bin/oxfmt'), mended, { cwd: root, stdio: 'ignore' });
}
if (wrong > 0) {
  console.error('mend with: node tooling/setup/check-refs.mjs --fix');
  process.exitCode = 1;
}
