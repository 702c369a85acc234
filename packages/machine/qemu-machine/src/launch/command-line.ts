import type { QemuMachineType } from '../chipset/machine-type.ts';
import type { QemuProgram } from '../program/qemu-program.ts';
import type { QemuDevice } from './qemu-device.ts';
import { INHERITED } from './exchange-files.ts';
import { deviceArguments } from './qemu-device.ts';

/** What the command line says of the machine. */
export interface CommandLineOptions {
  readonly qemu: QemuProgram;
  readonly machine: QemuMachineType;
  /** In bytes. */
  readonly memory: number;
  readonly devices: readonly QemuDevice[];
  readonly virtioMmioVersion: 1 | 2;
  /** Of QEMU's generator; without it no two runs are the same. */
  readonly seed?: number | undefined;
  /** Of the real-time clock, in seconds since 1970; without it that of the host. */
  readonly time?: number | undefined;
  /** The name of the two files of a serial port at which something may be typed. */
  readonly consolePath?: string | undefined;
  /** Whether guest RAM is a file that we have too. */
  readonly sharesRam: boolean;
}

/** In the order of preference. The instructions of the guest's CPU are two: any accelerator is fast enough. */
const ACCELERATORS = ['tcg', 'kvm', 'qtest'];

/** QEMU's command line without its first word. */
export function commandLine(options: CommandLineOptions): readonly string[] {
  const { qemu, machine, memory, devices, virtioMmioVersion, seed, time, sharesRam } = options;
  const { consolePath } = options;
  const accelerator = ACCELERATORS.find((name) => qemu.accelerators.includes(name)) ?? 'tcg';
  const backend = sharesRam ? ',memory-backend=ram' : '';
  // RAM then lies as on our own machine: up to 2 GiB, the rest from 4 GiB on. microvm cannot be told.
  const layout = machine === 'microvm' ? '' : ',max-ram-below-4g=2G';
  const ram = `memory-backend-file,id=ram,size=${memory},share=on,mem-path=${file(INHERITED.ram)}`;
  const isLegacy = virtioMmioVersion === 1 ? 'on' : 'off';
  return [
    ['-accel', accelerator, '-nodefaults', '-no-user-config', '-display', 'none'],
    ['-machine', `${machine}${layout}${backend}`, '-m', `${memory}B`],
    sharesRam ? ['-object', ram] : [],
    ['-bios', file(INHERITED.bios)],
    ['-chardev', consoleText(consolePath), '-serial', 'chardev:console'],
    ['-qtest', 'stdio', '-qtest-log', '/dev/null'],
    ['-global', `virtio-mmio.force-legacy=${isLegacy}`],
    // As on PCI: see `qemuVirtio`.
    ['-global', 'virtio-mmio.ioeventfd=off'],
    seed === undefined ? [] : ['-seed', `${seed}`],
    time === undefined ? [] : ['-rtc', `base=${dateAndTime(time)}`],
    ...devices.map(deviceArguments),
  ].flat();
}

function consoleText(path: string | undefined): string {
  if (path === undefined) return `file,id=console,path=${file(INHERITED.console)}`;
  // QEMU takes a comma for the end of a value, unless it stands twice.
  return `pipe,id=console,path=${path.replaceAll(',', ',,')}`;
}

/** As QEMU reads it: without a time zone, which is UTC. */
function dateAndTime(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 19);
}

/** The path under which a process opens a file that it has already. */
function file(number: number): string {
  return `/dev/fd/${number}`;
}
