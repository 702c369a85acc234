// Where the packages of this repository are. Everything that walks them asks here.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Manifest What this repository's tools read of a package.json.
 * @property {string} name
 * @property {string} [description]
 * @property {string} version
 * @property {boolean} [private]
 * @property {string[]} [files]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/**
 * @typedef {object} Package
 * @property {string} dir From the root, with slashes.
 * @property {string} room Decided by the path alone.
 * @property {Manifest} manifest
 */

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {string} file */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** @param {string} dir From the root. */
const children = (dir) =>
  existsSync(join(root, dir))
    ? readdirSync(join(root, dir), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${dir}/${entry.name}`)
        .toSorted()
    : [];

/**
 * Every package, and never none: a check that looks at nothing must not pass.
 *
 * @returns {Package[]}
 */
export function findPackages() {
  const rooms = children('packages').flatMap((room) => children(room));
  const packages = [...rooms, ...children('apps'), ...children('tooling')]
    .filter((dir) => existsSync(join(root, dir, 'package.json')))
    .map((dir) => {
      const [group = '', second = ''] = dir.split('/');
      const room = group === 'packages' ? second : group;
      return { dir, room, manifest: readJson(join(root, dir, 'package.json')) };
    });
  if (!packages.some(({ dir }) => dir.startsWith('packages/')))
    throw new Error(`no packages found in ${root}`);
  return packages;
}
