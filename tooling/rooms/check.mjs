// Judges every package of the repository by the rules of the rooms.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPackages, readJson, root } from '../setup/workspace.mjs';
import { judge } from './rooms.mjs';

/** @param {string} file */
const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** @param {string} dir A package's directory, absolute. */
function readSources(dir) {
  return ['src', 'bin'].flatMap((folder) =>
    existsSync(join(dir, folder))
      ? readdirSync(join(dir, folder), { recursive: true, encoding: 'utf8' })
          .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
          .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
          .map((path) => ({ path, text: readFileSync(join(dir, path), 'utf8') }))
      : [],
  );
}

const packages = findPackages().map((found) => {
  const dir = join(root, found.dir);
  const turbo = join(dir, 'turbo.json');
  const config = join(dir, 'tsconfig.build.json');
  return {
    ...found,
    tags: existsSync(turbo) ? (readJson(turbo).tags ?? []) : [],
    types: existsSync(config) ? (readJson(config).compilerOptions?.types ?? []) : [],
    readme: readIfThere(join(dir, 'README.md')),
    files: readSources(dir),
  };
});

const shared = Object.keys(readJson(join(root, 'package.json')).devDependencies);
const complaints = judge(packages, shared);
for (const complaint of complaints) console.error(complaint);
const files = packages.reduce((count, { files: { length } }) => count + length, 0);
console.log(
  `rooms: ${packages.length} packages, ${files} files, ${complaints.length} broken rules`,
);
if (complaints.length > 0) process.exitCode = 1;
