// The rules of the rooms (docs/architecture.md): who may import whom, judged from paths and text alone.
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { Visitor, parseSync } from 'oxc-parser';

/**
 * @typedef {{ path: string, text: string }} SourceFile `path` is relative to the package.
 * @typedef {import('../setup/workspace.mjs').Package & { tags: string[], types: string[], readme: string, files: SourceFile[] }} Subject
 *   `types`: what tsconfig.build.json adds to the global scope.
 */

/** @type {Record<string, string[]>} What each room may import; a room that is not here does not exist. */
const allowed = {
  spec: ['spec'],
  waist: ['spec', 'waist'],
  firmware: ['spec', 'waist', 'firmware'],
  machine: ['spec', 'waist', 'machine'],
  lab: ['spec', 'waist', 'firmware', 'machine', 'lab'],
  apps: ['spec', 'waist', 'firmware', 'machine', 'lab', 'apps'],
  tooling: ['spec', 'waist', 'firmware', 'machine', 'lab', 'apps', 'tooling'],
};

/**
 * Whose business Node is: one package implements the lab's files and modules, one starts QEMU and talks
 * to it, and tests call other programs.
 */
const usesNode = [
  'packages/lab/node-host',
  'packages/lab/conformance',
  'packages/machine/qemu-machine',
  'apps/',
  'tooling/',
];

/** @param {string} path */
const isTest = (path) => /\.(test|fixture)\.[a-z]+$/.test(path);

/** @param {string} specifier `@scope/name/sub` or `name/sub` */
const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/**
 * What one file asks for and keeps, as far as its syntax shows it.
 *
 * @param {SourceFile} file
 */
function read({ path, text }) {
  const { program, module, comments, errors } = parseSync(path, text);
  /** @type {string[]} */
  const imports = [];
  /** @type {string[]} */
  const state = [];
  for (const { moduleRequest } of module.staticImports) imports.push(moduleRequest.value);
  for (const { entries } of module.staticExports)
    for (const { moduleRequest } of entries) if (moduleRequest) imports.push(moduleRequest.value);
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^['"`]([^'"`$]+)['"`]$/.exec(
      text.slice(moduleRequest.start, moduleRequest.end),
    );
    if (literal?.[1]) imports.push(literal[1]);
  }
  for (const { value } of comments) {
    const reference = /^\/\s*<reference\s+(?:types|path)=["']([^"']+)["']/.exec(value);
    if (reference?.[1]) imports.push(reference[1]);
  }
  new Visitor({
    TSImportType: ({ source }) => void imports.push(source.value),
  }).visit(program);
  for (const statement of program.body) {
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration.declare) continue;
    if (declaration.kind !== 'let' && declaration.kind !== 'var') continue;
    for (const { id } of declaration.declarations)
      state.push(id.type === 'Identifier' ? id.name : declaration.kind);
  }
  return { imports: [...new Set(imports)], state, errors: errors.map(({ message }) => message) };
}

/**
 * @param {Subject[]} packages Every package of the repository.
 * @param {string[]} shared What the root's devDependencies offer to every test.
 * @returns {string[]} One line for each broken rule.
 */
export function judge(packages, shared) {
  /** @type {string[]} */
  const complaints = [];
  const byName = new Map(packages.map((subject) => [subject.manifest.name, subject]));

  for (const { dir, room, manifest, tags, types, readme, files } of packages) {
    /** @param {string} where @param {string} what */
    const complain = (where, what) => complaints.push(`${where}: ${what}`);
    const mayImport = allowed[room];
    if (!mayImport) {
      complain(dir, `there is no room "${room}"`);
      continue;
    }
    if (tags.length !== 1 || tags[0] !== room)
      complain(`${dir}/turbo.json`, `tags must be ["${room}"], not ${JSON.stringify(tags)}`);
    const mayUseNode = usesNode.some((start) => `${dir}/`.startsWith(start));
    if (!mayUseNode)
      for (const name of types)
        complain(`${dir}/tsconfig.build.json`, `types: ${name} is not for this package`);
    if (dir.startsWith('packages/')) {
      const name = `@dxelab/${dir.split('/')[2]}`;
      if (manifest.name !== name)
        complain(`${dir}/package.json`, `name must be ${name}, not ${manifest.name}`);
      if (!manifest.description?.includes('EDK II'))
        complain(`${dir}/package.json`, 'description must name the EDK II counterpart');
      if (!readme.includes('EDK II'))
        complain(`${dir}/README.md`, 'must be there and name the EDK II counterpart');
    }

    const needs = { ...manifest.dependencies, ...manifest.peerDependencies };
    const declared = new Set([manifest.name, ...Object.keys(needs)]);
    const declaredForTests = new Set([
      ...declared,
      ...Object.keys(manifest.devDependencies ?? {}),
      ...shared,
    ]);
    for (const name of declaredForTests) {
      const target = byName.get(name);
      if (target && !mayImport.includes(target.room))
        complain(
          `${dir}/package.json`,
          `${room} may not depend on ${name}, which is ${target.room}`,
        );
    }

    for (const file of files) {
      const where = `${dir}/${file.path}`;
      const { imports, state, errors } = read(file);
      const test = isTest(file.path) || manifest.private === true;
      for (const error of errors) complain(where, error);
      if (dir.startsWith('packages/') && !test)
        for (const name of state)
          complain(where, `${name}: a module keeps no state of its own; use const, or an object`);
      for (const specifier of imports) {
        if (specifier.startsWith('.')) {
          const target = posix.join(posix.dirname(file.path), specifier);
          if (target.startsWith('..'))
            complain(where, `${specifier} leaves the package: import it by name`);
          else if (!test && isTest(target)) complain(where, `${specifier} is not published`);
        } else if (isBuiltin(specifier) || specifier === 'node') {
          // a test runs on Node wherever its package may run, and is not published
          if (!mayUseNode && !test)
            complain(where, `${specifier}: only ${usesNode.join(', ')} may use Node's API`);
        } else {
          const name = packageOf(specifier);
          const target = byName.get(name);
          if (target && !mayImport.includes(target.room))
            complain(where, `${room} may not import ${name}, which is ${target.room}`);
          if (!(test ? declaredForTests : declared).has(name))
            complain(where, `${name} is not among the dependencies in ${dir}/package.json`);
        }
      }
    }
  }
  return complaints;
}
