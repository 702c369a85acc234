// Packs every public package as it would be published, and judges the tarballs.
// It looks at dist, so build first; `pnpm` must be on the path.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { findPackages, root } from '../setup/workspace.mjs';

/** Every package is ESM for Node 20.19 and bundlers: how CommonJS and older Nodes would resolve it is of no account. */
const ignoredResolutions = new Set(['node10', 'node16-cjs']);

/** @param {Uint8Array} tarball */
async function publintSays(tarball) {
  const data = new Uint8Array(tarball).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: data }, level: 'warning' });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** @param {import('@arethetypeswrong/core').Package} packed */
async function attwSays(packed) {
  const analysis = await checkPackage(packed);
  if (!analysis.types) return ['attw: there are no types'];
  return analysis.problems
    .filter(
      (problem) =>
        !('resolutionKind' in problem) || !ignoredResolutions.has(problem.resolutionKind),
    )
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}

/** @param {import('@arethetypeswrong/core').Package} packed */
function contentsSay(packed) {
  const start = `/node_modules/${packed.packageName}/`;
  const files = packed.listFiles().map((file) => file.slice(start.length));
  const complaints = ['LICENSE', 'README.md']
    .filter((file) => !files.includes(file))
    .map((file) => `${file} is missing`);
  const { bin } = JSON.parse(packed.readFile(`${start}package.json`));
  if (bin !== undefined && !files.includes('bundle/main.js'))
    complaints.push('bundle/main.js is missing: build again');
  for (const file of files) {
    if (/\.(test|fixture)\.|\.tsbuildinfo$|(^|\/)node_modules\//.test(file))
      complaints.push(`${file} is not for publishing`);
    // A source map that points at a missing source leads a debugger nowhere.
    const source = file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
    if (source !== file && !files.includes(source))
      complaints.push(`${file} has no ${source}: remove dist and build again`);
  }
  if (/"(workspace|catalog):/.test(packed.readFile(`${start}package.json`)))
    complaints.push('package.json still says "workspace:" or "catalog:"');
  return complaints;
}

const directory = mkdtempSync(join(tmpdir(), 'dxelab-pack-'));
let wrong = 0;
try {
  const names = findPackages()
    .filter(({ manifest }) => !manifest.private)
    .map(({ manifest }) => manifest.name);
  const filters = names.flatMap((name) => ['--filter', name]);
  const pack = ['--recursive', ...filters, 'pack', '--pack-destination', directory];
  execFileSync('pnpm', pack, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarballs = readdirSync(directory);
  if (tarballs.length !== names.length)
    throw new Error(`${names.length} packages to publish, but ${tarballs.length} tarballs`);
  for (const file of tarballs) {
    const tarball = readFileSync(join(directory, file));
    const packed = createPackageFromTarballData(tarball);
    const complaints = [
      ...contentsSay(packed),
      ...(await publintSays(tarball)),
      ...(await attwSays(packed)),
    ];
    for (const complaint of complaints) console.error(`${packed.packageName}: ${complaint}`);
    wrong += complaints.length;
  }
  console.log(`publish: ${tarballs.length} tarballs, ${wrong} complaints`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
if (wrong > 0) process.exitCode = 1;
