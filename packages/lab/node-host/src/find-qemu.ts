import { closeSync } from 'node:fs';
import { createQemuMachine, probeQemu, qemuScsiUnit, qemuVirtio } from '@dxelab/qemu-machine';
import type { QemuDevice, QemuImage, QemuMachine, QemuProgram } from '@dxelab/qemu-machine';
import type {
  HostedQemu,
  HostedQemuDevice,
  HostedQemuDisk,
  HostedQemuOptions,
  HostedQemuUnit,
} from '@dxelab/scenario';
import { FileBackend } from './file-backend.ts';
import { HostError } from './host-error.ts';
import { writeNamelessImage } from './nameless-image.ts';

/**
 * The QEMU of this host.
 * @throws QemuError that names the package to install, if there is none
 */
export function findQemu(): HostedQemu {
  const qemu = probeQemu();
  return { start: (options) => start(qemu, options) };
}

/** Switches a machine on; images that are no files become some, until QEMU has opened them. */
function start(qemu: QemuProgram, { devices, ...options }: HostedQemuOptions): QemuMachine {
  const images: number[] = [];
  try {
    const plugged = devices.map((device) => plug(device, images));
    return createQemuMachine({ ...options, qemu, devices: plugged });
  } finally {
    for (const image of images) closeSync(image);
  }
}

/** A device with what stands behind it. */
function plug(
  { type, options, disk, entropy, units }: HostedQemuDevice,
  images: number[],
): QemuDevice {
  const device = qemuVirtio(type, options);
  return {
    ...device,
    ...(disk === undefined ? {} : { image: imageOf(disk, images) }),
    ...(entropy === undefined ? {} : { entropy }),
    ...(units === undefined ? {} : { children: units.map((unit) => scsiUnit(unit, images)) }),
  };
}

function scsiUnit({ disk, ...unit }: HostedQemuUnit, images: number[]): QemuDevice {
  return qemuScsiUnit(disk === undefined ? unit : { ...unit, image: imageOf(disk, images) });
}

function imageOf({ backend, access }: HostedQemuDisk, images: number[]): QemuImage {
  if (backend instanceof FileBackend) return { path: backend.path, access };
  if (access === 'write') {
    throw new HostError('what QEMU writes cannot go back into a disk that is no file');
  }
  const image = writeNamelessImage(backend);
  images.push(image);
  // A name by which another process of ours finds what has none.
  return { path: `/proc/${process.pid}/fd/${image}`, access };
}
