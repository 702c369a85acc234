import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EFI_GLOBAL_VARIABLE, readLoadOption } from '@dxelab/uefi';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
/** Debian's, on which real OVMF has booted. */
const OVMF_VARS = '/usr/share/OVMF/OVMF_VARS_4M.ms.fd';
const MINE = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';
const PATIENCE = 60_000;

let folder = '';
const path = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the command as a user would, in a pipe. */
function vars(...args: readonly string[]) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'vars', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
    timeout: PATIENCE,
  });
  return { status, stdout, stderr };
}

/** What a command without an error printed. */
function done(...args: readonly string[]): string {
  const { status, stdout, stderr } = vars(...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** What a command complained of, which then has changed nothing. */
function refused(...args: readonly string[]): string {
  const before = readdirSync(folder).map((name) => readFileSync(path(name), 'latin1'));
  const { status, stdout, stderr } = vars(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(readdirSync(folder).map((name) => readFileSync(path(name), 'latin1'))).toEqual(before);
  return stderr;
}

function stored(name: string): Uint8Array | undefined {
  const { variables } = new VariableStore(new MemoryStorage(readFileSync(path('a.fd'))));
  return variables.get(name, EFI_GLOBAL_VARIABLE)?.data;
}

describe('dxelab vars', { timeout: PATIENCE }, () => {
  test('creates an empty store, and leaves one alone that is there', () => {
    expect(done('a.fd', 'create')).toMatch(/^a\.fd {2}0 variables, 0\.0 of 255\.9 KiB used\n$/);
    expect(refused('a.fd', 'create')).toContain('a.fd exists already: it is left as it is');
  });

  test('sets, lists, shows and deletes what the specification defines', () => {
    done('a.fd', 'create');
    done('a.fd', 'set', 'Boot0001', String.raw`"Linux" PciRoot(0x0)/Pci(0x2,0x0)/\EFI\linux.efi`);
    done('a.fd', 'set', 'BootOrder', '0001,Boot0002');
    done('a.fd', 'set', 'Timeout', '5');
    const list = done('a.fd');
    expect(list).not.toContain('\u001B');
    expect(list).toContain('8be4df61-93ca-11d2-aa0d-00e098032b8c (UEFI)');
    expect(list).toMatch(
      /Boot0001 +NV,BS,RT +\d+ {2}"Linux" PciRoot\(0x0\)\/Pci\(0x2,0x0\)\/\\EFI/,
    );
    expect(list).toMatch(/BootOrder +NV,BS,RT +4 {2}0001,0002/);
    expect(done('a.fd', 'show', 'Timeout')).toMatch(
      /attributes {2}NV,BS,RT[^]*value {7}5\n[^]*05 00/,
    );
    expect(readLoadOption(stored('Boot0001') ?? new Uint8Array(0)).value).toMatchObject({
      attributes: 1,
      description: 'Linux',
    });
    expect(done('a.fd', 'delete', 'Timeout')).toBe('Timeout is deleted from a.fd\n');
    expect(stored('Timeout')).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['a.fd']);
  });

  test('other variables are bytes; what is not said of one stays as it is', () => {
    done('a.fd', 'create');
    const whose = ['--vendor', MINE, '--hex'];
    done('a.fd', 'set', 'Mine', '01 ff', ...whose, '--attributes', 'nv,bs');
    done('a.fd', 'set', 'Mine', '02', '--hex');
    expect(done('a.fd', 'show', 'Mine')).toMatch(/attributes {2}NV,BS\n[^]*0000 {2}02 /);
    done('a.fd', 'set', 'Mine', '03', '--hex', '--vendor', MINE.replace('8', '9'));
    expect(refused('a.fd', 'show', 'Mine')).toContain('give the --vendor, one of 837dca9e');
  });

  test('--json is the same as data', () => {
    done('a.fd', 'create');
    done('a.fd', 'set', 'BootNext', '001F');
    const variable = { name: 'BootNext', size: 2, value: '001F', data: '1f00' };
    const described = { ...variable, attributes: ['NV', 'BS', 'RT'], vendor: EFI_GLOBAL_VARIABLE };
    expect(JSON.parse(done('a.fd', '--json'))).toMatchObject({ variables: [described] });
    expect(JSON.parse(done('a.fd', 'show', 'BootNext', '--json'))).toEqual(described);
    const { status, stdout } = vars('missing.fd', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      succeeded: false,
      error: 'missing.fd: there is no such file',
    });
  });

  test.each([
    ['shwo', ['Boot0001'], "'shwo' is invalid"],
    ['set', ['X', '01', '--hex', '--attributes', 'BS'], 'expected NV among them'],
    ['set', ['X', '01', '--hex', '--vendor', 'me'], 'a GUID has the form'],
  ])('%s %j cannot be meant so', (action, args, message) => {
    expect(refused('a.fd', action, ...args)).toContain(message);
  });

  test('a file that is no store is named, with what is wrong with it', () => {
    writeFileSync(path('a.fd'), 'this is no store');
    expect(refused('a.fd')).toMatch(/a\.fd: .*even number of blocks of 4096 bytes.*not 16/);
    writeFileSync(path('a.fd'), new Uint8Array(0x20000).fill(7));
    expect(refused('a.fd', 'set', 'Timeout', '1')).toContain('this is no variable store');
  });

  test.each([
    ['a folder that is a file', 'plain/a.fd', 'plain/a.fd: a folder in its path is a file'],
    ['a folder that there is not', 'none/a.fd', 'none/a.fd: there is no such folder'],
  ])('%s is named, whoever asks', (_what, file, message) => {
    writeFileSync(path('plain'), 'no folder');
    expect(refused(file, 'create')).toContain(message);
  });

  const isRoot = process.getuid?.() === 0;
  const why = isRoot ? ' [skipped: root may write everywhere]' : '';
  test.skipIf(isRoot)(`a folder that cannot be written to is named${why}`, () => {
    done('a.fd', 'create');
    chmodSync(folder, 0o500);
    expect(vars('a.fd', 'set', 'Timeout', '1').stderr).toContain('a.fd: permission denied');
    chmodSync(folder, 0o700);
  });

  const canRead = process.env['DXELAB_REQUIRE_TOOLS'] === '1' || existsSync(OVMF_VARS);
  const missing = canRead ? '' : ` [skipped: not installed: ${OVMF_VARS} (Debian package ovmf)]`;
  test.skipIf(!canRead)(`a store of real OVMF is read, and changed on its copy${missing}`, () => {
    writeFileSync(path('a.fd'), readFileSync(OVMF_VARS));
    const list = done('a.fd');
    expect(list).toMatch(/Boot0000 +NV,BS,RT +62 {2}"UiApp" Fv\(.*\)\/FvFile\(/);
    expect(list).toMatch(/ConOut .* PciRoot\(0x0\)\/Pci\(0x1f,0x0\)\/Serial\(0x0\)\/Uart\(115200/);
    expect(list).toMatch(/Lang +NV,BS,RT +4 {2}eng/);
    expect(list).toMatch(/db +NV,BS,RT,AT +3143/);
    done('a.fd', 'set', 'BootOrder', '0002,0000');
    const changed = done('a.fd');
    expect(changed).toMatch(/BootOrder +NV,BS,RT +4 {2}0002,0000/);
    expect(changed).toMatch(/db +NV,BS,RT,AT +3143/);
  });
});
