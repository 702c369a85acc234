import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const PATIENCE = 60_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-completion-'));
  writeFileSync(join(folder, 'scenario.yaml'), '');
  writeFileSync(join(folder, 'dxelab'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(folder, 'dxelab'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, ...args: readonly string[]): readonly string[] {
  const { PATH = '', ...env } = process.env;
  const { stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, PATH: `${folder}${delimiter}${PATH}` },
    timeout: PATIENCE,
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion offers', { timeout: PATIENCE }, () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['commands', ['co'], ['compare', 'completion']],
    ['options', ['boot', '--pro'], ['--profile']],
    ['values of options', ['ring', '--format', ''], ['text', 'svg', 'json']],
    ['arguments', ['vars', 'store.fd', 's'], ['show', 'set']],
    ['arguments behind options', ['vars', '--hex', 'store.fd', 'del'], ['delete']],
    ['arguments behind values', ['vars', '--vendor', 'x', 'store.fd', 'del'], ['delete']],
    ['nothing for a file', ['boot', 'sc'], []],
    ['nothing for the file of an option', ['boot', '--trace', ''], []],
  ])('%s', (_what, words, offered) => {
    expect(run('dxelab', 'complete', '--', ...words)).toEqual(offered);
  });
});

describe('bash, once told, completes', { timeout: PATIENCE }, () => {
  test.each([
    ['values', ['dxelab', 'boot', '--machine', 'q'], ['qemu']],
    [
      'an empty word',
      ['dxelab', 'vars', 'store.fd', ''],
      ['list', 'show', 'set', 'delete', 'create'],
    ],
  ])('%s', (_what, words, offered) => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `eval "$(dxelab completion bash)"; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
      _dxelab; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p dxelab`;
    expect(run('bash', '-c', script)).toEqual([
      ...offered,
      'complete -o default -F _dxelab dxelab',
    ]);
  });
});

test('other shells are told in their own words', { timeout: PATIENCE }, () => {
  expect(run('dxelab', 'completion', 'zsh')).toContain('compdef _dxelab dxelab');
  expect(run('dxelab', 'completion', 'fish').join()).toContain('complete -c dxelab');
});
