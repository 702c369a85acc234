// Where the packages of this repository are. Everything that walks them asks here.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

const children = (dir) =>
  existsSync(join(root, dir))
    ? readdirSync(join(root, dir), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${dir}/${entry.name}`)
        .toSorted()
    : [];

/** Every package: `dir` (from the root, with slashes), `room` (which the path alone decides) and its manifest. */
export function findPackages() {
  return [
    ...children('packages').flatMap((room) => children(room)),
    ...children('apps'),
    ...children('tooling'),
  ]
    .filter((dir) => existsSync(join(root, dir, 'package.json')))
    .map((dir) => {
      const parts = dir.split('/');
      return {
        dir,
        room: parts[0] === 'packages' ? parts[1] : parts[0],
        manifest: readJson(join(root, dir, 'package.json')),
      };
    });
}
