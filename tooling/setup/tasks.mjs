// What the npm scripts of the root do: `node tooling/setup/tasks.mjs <task> [arguments]`.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, setup } from './setup.mjs';
import { readJson, root } from './workspace.mjs';

const [task = 'setup', ...rest] = process.argv.slice(2);
const { env, pnpm } = setup({
  installs: task !== 'pnpm',
  force: task === 'setup' && rest.includes('--force'),
});

// Ctrl-C reaches the command that runs as well: this process waits for its last words.
process.on('SIGINT', () => {});

/**
 * Runs a command of this clone and returns its exit status.
 *
 * @param {string} command
 * @param {string[]} args
 */
function run(command, ...args) {
  const needsShell = process.platform === 'win32' && command !== process.execPath;
  const result = spawnSync(command, args, { cwd: root, env, stdio: 'inherit', shell: needsShell });
  if (result.error) fail(`${command}: ${result.error.message}`);
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}

/**
 * Type-checks, emits, and bundles the command line; what is up to date costs nothing. Nothing that follows can be
 * trusted when it fails.
 *
 * @param {string[]} project Everything, tests too, unless one is named.
 */
function build(...project) {
  const status = run('tsc', '-b', ...project) || run(process.execPath, 'tooling/bundle/bundle.mjs');
  if (status !== 0) process.exit(status);
}

/**
 * Vitest, with a last line that a program can read: `N passed, N failed[, N skipped[ (why; …)]]`. A test that is
 * skipped for want of something says so in a title, its own or one above it: `[skipped: why]`.
 */
function test() {
  const report = join(root, 'node_modules', '.cache', 'test-report.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = run('vitest', 'run', ...reporters, ...rest);
  if (!existsSync(report)) fail('vitest left no report');
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
    readJson(report);
  /** @type {{ status: string, assertionResults: { status: string, fullName: string }[] }[]} */
  const files = testResults;
  // A file that cannot be loaded has no tests to count, and an error outside every test belongs to none.
  const unloaded = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = numFailedTests + unloaded.length || (status === 0 ? 0 : 1);
  const skipped = numPendingTests + numTodoTests;
  const reasons = files.flatMap((file) =>
    file.assertionResults
      .filter((each) => each.status !== 'passed' && each.status !== 'failed')
      .flatMap((each) => /\[skipped: (.*?)\]/.exec(each.fullName)?.[1] ?? []),
  );
  const why = reasons.length > 0 ? ` (${[...new Set(reasons)].join('; ')})` : '';
  console.log(
    `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped${why}` : ''}`,
  );
  return status;
}

/** Every check, also when an earlier one fails, so that one run tells all. */
function check() {
  /** @type {[name: string, command: string, ...args: string[]][]} */
  const checks = [
    ['lint', 'oxlint', '--deny-warnings'],
    ['format', 'oxfmt', '--check'],
    ['rooms', process.execPath, 'tooling/rooms/check.mjs'],
    ['boundaries', 'turbo', 'boundaries'],
    ['references', process.execPath, 'tooling/setup/check-refs.mjs'],
    ['manifests', 'sherif', '--ignore-rule', 'packages-without-package-json'],
    ['unused', 'knip', '--no-config-hints'],
    ['publish', process.execPath, 'tooling/publish/check.mjs'],
  ];
  const failed = checks.filter(([name, command, ...args]) => {
    console.log(`\n--- ${name}`);
    return run(command, ...args) !== 0;
  });
  console.log(`\n${checks.length - failed.length} checks hold, ${failed.length} do not`);
  if (failed.length > 0) console.log(`failed: ${failed.map(([name]) => name).join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

switch (task) {
  case 'setup':
    break;
  case 'pnpm':
    process.exitCode = run(pnpm, ...rest);
    break;
  case 'changeset':
    process.exitCode = run('changeset', ...rest);
    break;
  case 'build':
    build();
    break;
  case 'start':
    build('apps/dxelab/tsconfig.build.json');
    process.exitCode = run(
      process.execPath,
      'apps/dxelab/bin/dxelab.js',
      ...(rest.length > 0 ? rest : ['boot']),
    );
    break;
  case 'test':
    build();
    process.exitCode = test();
    break;
  case 'check':
    build();
    process.exitCode = check();
    break;
  case 'bench':
    build('tooling/bench/tsconfig.build.json');
    process.exitCode = run(process.execPath, 'tooling/bench/dist/main.js', ...rest);
    break;
  default:
    fail(`unknown task ${task}`);
}
