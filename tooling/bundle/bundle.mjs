// Puts the built command line with all that it needs into few files: apps/dxelab/bundle. Node takes half of a
// boot to find, read and link a thousand modules one by one.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { isBundleFresh, timeOf } from '../../apps/dxelab/bin/bundle-state.js';
import { findPackages, root } from '../setup/workspace.mjs';

const app = join(root, 'apps', 'dxelab');
const target = join(app, 'bundle');
/** What every boot needs, in one file: all but what only other commands do, or not every Node in this thread. */
const LAB =
  /^packages\/(?!lab\/(?:compare\/|ring\/|node-host\/dist\/typescript-hooks))|\/node_modules\/(?:yaml|zod|@noble\/hashes)\//;

/** @param {string} file */
const fromRoot = (file) => relative(root, file).replaceAll('\\', '/');

/** The packages that the command line is made of: it, and what it depends on. */
function ingredients() {
  const byName = new Map(findPackages().map((each) => [each.manifest.name, each]));
  /** @type {Set<string>} */
  const names = new Set(['dxelab']);
  // A set hands out what is added while it is walked.
  for (const name of names)
    for (const dependency of Object.keys(byName.get(name)?.manifest.dependencies ?? {}))
      if (byName.has(dependency)) names.add(dependency);
  return [...names].flatMap((name) => byName.get(name) ?? []);
}

/**
 * What tsc wrote, with what it knows of the TypeScript that it was made of. Of other people's code a map would
 * say nothing new.
 *
 * @type {import('rolldown').Plugin}
 */
const withSourceMaps = {
  name: 'source-maps',
  load(id) {
    const map = `${id}.map`;
    if (id.includes('/node_modules/'))
      return { code: readFileSync(id, 'utf8'), map: { mappings: '' } };
    return existsSync(map)
      ? { code: readFileSync(id, 'utf8'), map: readFileSync(map, 'utf8') }
      : null;
  },
};

/**
 * @param {Record<string, string>} input
 * @param {import('rolldown').OutputOptions} output
 */
async function write(input, output) {
  const graph = await rolldown({
    input,
    platform: 'node',
    // It has a part for each kind of machine, which npm chooses when it installs.
    external: ['oxc-transform'],
    plugins: [withSourceMaps],
    preserveEntrySignatures: 'strict',
    onLog(level, log, handler) {
      // A package is imported when it is needed, though it stands in the same file as others.
      if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT')
        handler(level === 'warn' ? 'error' : level, log);
    },
  });
  const written = await graph.write({
    chunkFileNames: '[name].js',
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
    ...output,
  });
  await graph.close();
  return written.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}

/**
 * The licences of other people's code among modules, as they ask for.
 *
 * @param {string[]} modules
 */
function licences(modules) {
  const others = modules.flatMap(
    (id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [],
  );
  return [...new Set(others)].toSorted().map((dir) => {
    const { name, version } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].find((each) =>
      existsSync(join(dir, each)),
    );
    if (file === undefined) throw new Error(`${dir} has no licence`);
    return `${name} ${version}\n\n${readFileSync(join(dir, file), 'utf8').trim()}\n`;
  });
}

/**
 * @param {string} folder
 * @param {ReturnType<typeof ingredients>} packages
 */
async function bundle(folder, packages) {
  const libraries = packages.filter(({ dir }) => dir !== 'apps/dxelab');
  const modules = await write(
    {
      main: join(app, 'dist/main.js'),
      'lab-worker': join(app, 'dist/run/lab-worker.js'),
      // So that what a driver imports is the very code that runs it: typescript-hooks.ts finds it by its name.
      ...Object.fromEntries(
        libraries.map(({ dir, manifest }) => [manifest.name, join(root, dir, 'dist/index.js')]),
      ),
    },
    {
      dir: folder,
      codeSplitting: { groups: [{ name: 'lab', test: (id) => LAB.test(fromRoot(id)) }] },
    },
  );
  // They run in a thread of their own, which needs nothing of the lab.
  const hooks = join(root, 'packages/lab/node-host/dist/hooks-thread.js');
  await write({ 'hooks-thread': hooks }, { dir: folder });
  writeFileSync(join(folder, 'LICENSES.txt'), licences(modules).join(`\n${'-'.repeat(80)}\n\n`));
}

if (!isBundleFresh()) {
  const packages = ingredients();
  const builds = packages.map(({ dir }) => join(root, dir, 'dist', '.tsbuildinfo'));
  const sources = [...builds, fileURLToPath(import.meta.url), join(root, 'pnpm-lock.yaml')];
  // The times before anything is read: what is built meanwhile makes the bundle old.
  const madeOf = sources.map((file) => [
    relative(target, file).replaceAll('\\', '/'),
    timeOf(file),
  ]);
  const folder = `${target}-${process.pid}`;
  try {
    await bundle(folder, packages);
    writeFileSync(join(folder, 'made-of.json'), JSON.stringify(Object.fromEntries(madeOf)));
    rmSync(target, { recursive: true, force: true });
    renameSync(folder, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
