/** Device types as QEMU and Linux call them (virtio §5). */
const TYPES: Readonly<Record<number, string>> = {
  1: 'net',
  2: 'blk',
  3: 'console',
  4: 'rng',
  5: 'balloon',
  8: 'scsi',
  9: '9p',
  16: 'gpu',
  18: 'input',
  19: 'vsock',
  26: 'fs',
};

/** What reports call a device: `virtio-blk 02.0`. @param type as virtio numbers it */
export function deviceName(type: number, place: string): string {
  return `virtio-${TYPES[type] ?? type} ${place}`;
}
