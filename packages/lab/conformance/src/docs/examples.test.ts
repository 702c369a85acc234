import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** A block whose first line says which fixture it shows, relative to the document: `ts src/foo.fixture.ts`. */
const EXAMPLE = /^```ts (?<file>\S+\.fixture\.ts)\n(?<code>.*?)^```$/gms;

function documents(): string[] {
  const list = (path: string): string[] =>
    existsSync(new URL(path, ROOT)) ? readdirSync(new URL(path, ROOT)) : [];
  const packages = list('packages').flatMap((room) =>
    list(`packages/${room}`).map((name) => `packages/${room}/${name}/README.md`),
  );
  const pages = list('docs').map((name) => `docs/${name}`);
  return ['README.md', ...pages, ...packages].filter(
    (path) => path.endsWith('.md') && existsSync(new URL(path, ROOT)),
  );
}

/** A fixture as a user would write it: the package by its name, and files of his own by theirs. */
function asWritten(directory: string, file: string): string {
  const manifest = `${directory}package.json`;
  const text = read(directory + file).replaceAll('.fixture.ts', '.ts');
  if (!existsSync(new URL(manifest, ROOT))) return text;
  const { name }: { name: string } = JSON.parse(read(manifest));
  return text.replaceAll("'./index.ts'", `'${name}'`);
}

const examples = documents().flatMap((path) =>
  [...read(path).matchAll(EXAMPLE)].map(({ groups }) => ({
    path,
    file: groups?.['file'] ?? '',
    code: groups?.['code'] ?? '',
  })),
);

describe('an example in a document is the file that the tests run', () => {
  test.each(examples)('$path shows $file', ({ path, file, code }) => {
    const directory = path.slice(0, path.lastIndexOf('/') + 1);
    expect(code).toBe(asWritten(directory, file));
  });

  test('there are examples', () => {
    expect(examples.length).toBeGreaterThan(0);
  });
});

describe('the README', () => {
  const rooms = readdirSync(new URL('packages/', ROOT));
  const packages = rooms.flatMap((room) =>
    readdirSync(new URL(`packages/${room}/`, ROOT)).map((name) => `packages/${room}/${name}`),
  );

  test.each(packages.filter((path) => existsSync(new URL(`${path}/package.json`, ROOT))))(
    'names %s',
    (path) => {
      expect(read('README.md')).toContain(`](${path})`);
    },
  );
});
