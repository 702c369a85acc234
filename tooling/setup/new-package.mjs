// Makes the skeleton of a package: node tooling/setup/new-package.mjs <room> <name> "<description>" [dependency ...]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from './setup.mjs';
import { findPackages, root } from './workspace.mjs';

const [room = '', name = '', description = '', ...dependencies] = process.argv.slice(2);
const packages = findPackages();
const rooms = new Set(packages.filter(({ dir }) => dir.startsWith('packages/')).map((p) => p.room));
const dir = `packages/${room}/${name}`;

if (!rooms.has(room)) fail(`the room must be one of ${[...rooms].join(', ')}, not "${room}"`);
if (!/^[a-z][a-z0-9-]*$/.test(name)) fail(`the name must be in kebab-case, not "${name}"`);
if (!description.includes('EDK II')) fail('the description must name the EDK II counterpart');
if (existsSync(join(root, dir))) fail(`${dir} is there already`);
for (const dependency of dependencies)
  if (!packages.some(({ manifest }) => manifest.name === `@dxelab/${dependency}`))
    fail(`there is no package @dxelab/${dependency}`);

/**
 * @param {string} file
 * @param {unknown} content Text as it is, anything else as JSON.
 */
function write(file, content) {
  const path = join(root, dir, file);
  mkdirSync(dirname(path), { recursive: true });
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(path, text);
}

write('package.json', {
  name: `@dxelab/${name}`,
  version: packages.find((p) => p.manifest.name === '@dxelab/uefi')?.manifest.version,
  description,
  license: 'BSD-2-Clause-Patent',
  files: ['dist', '!dist/.tsbuildinfo', 'src', '!src/**/*.test.ts', '!src/**/*.fixture.ts'],
  type: 'module',
  sideEffects: false,
  exports: {
    '.': {
      '@dxelab/source': './src/index.ts',
      types: './dist/index.d.ts',
      default: './dist/index.js',
    },
    './package.json': './package.json',
  },
  publishConfig: { access: 'public' },
  scripts: { build: 'tsc -b tsconfig.build.json' },
  dependencies: Object.fromEntries(
    dependencies.toSorted().map((dependency) => [`@dxelab/${dependency}`, 'workspace:^']),
  ),
  engines: { node: '>=20.19.0' },
});
const tooling = '../../../tooling/tsconfig';
write('tsconfig.json', { extends: `${tooling}/test.json` });
write('tsconfig.build.json', { extends: `${tooling}/lib.json` });
write('turbo.json', `{\n  "extends": ["//"],\n  "tags": ["${room}"]\n}\n`);
write('README.md', `# @dxelab/${name}\n\n${description}\n`);
write('src/index.ts', `export {};\n`);

console.log(`${dir} is there; now run
  node tooling/setup/check-refs.mjs --fix
  npm run pnpm install`);
