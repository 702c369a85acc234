// What the npm scripts of the root do: `node tooling/setup/tasks.mjs <task> [arguments]`.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, setup } from './setup.mjs';
import { readJson, root } from './workspace.mjs';

const [task = 'setup', ...rest] = process.argv.slice(2);
const { env, pnpm } = setup({ installs: task !== 'pnpm', force: rest.includes('--force') });

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command !== process.execPath,
  });
  if (result.error) fail(`${command}: ${result.error.message}`);
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}

/** Runs a command and goes no further if it fails. */
function step(command, ...args) {
  const status = run(command, args);
  if (status !== 0) process.exit(status);
}

/** Vitest, with a last line that a program can read: `N passed, N failed[, N skipped]`. */
function test(args) {
  const report = join(root, 'node_modules', '.cache', 'test-report.json');
  rmSync(report, { force: true });
  const status = run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]);
  if (!existsSync(report)) fail('vitest left no report');
  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults,
  } = readJson(report);
  // A file that could not be loaded has no tests to count, and an error outside a test belongs to none.
  const unloaded = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  let failed = numFailedTests + unloaded.length;
  if (status !== 0 && failed === 0) failed = 1;
  const skipped = numPendingTests + numTodoTests;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = status;
}

switch (task) {
  case 'setup':
    break;
  case 'pnpm':
    step(pnpm, ...rest);
    break;
  case 'build':
    step('tsc', '-b');
    break;
  case 'start':
    step('tsc', '-b', 'apps/dxelab/tsconfig.build.json');
    process.exitCode = run(process.execPath, [
      'apps/dxelab/bin/dxelab.js',
      ...(rest.length > 0 ? rest : ['boot']),
    ]);
    break;
  case 'test':
    step('tsc', '-b');
    test(rest);
    break;
  case 'bench':
    step('tsc', '-b', 'tooling/bench/tsconfig.build.json');
    process.exitCode = run(process.execPath, ['tooling/bench/dist/main.js', ...rest]);
    break;
  case 'check':
    step('oxlint', '--deny-warnings');
    step('oxfmt', '--check');
    step('turbo', 'boundaries');
    step('sherif');
    step('knip');
    step(process.execPath, 'tooling/setup/check-refs.mjs');
    break;
  case 'changeset':
    step('changeset', ...rest);
    break;
  default:
    fail(`unknown task ${task}`);
}
