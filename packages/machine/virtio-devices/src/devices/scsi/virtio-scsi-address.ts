import { scsiLunAddress } from '@dxelab/scsi';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';

/**
 * What eight bytes of address name (virtio §5.6.6.1): a logical unit of a target, the REPORT LUNS
 * well-known one of the whole host or of a target, or nothing that there could be.
 */
export type VirtioScsiAddressKind = 'unit' | 'report-luns' | 'target-report-luns' | 'none';

const BUS = 1;
/** The first byte of a well-known logical unit in extended addressing, and REPORT LUNS behind it (SAM-6 §4.7.7.5.1). */
const WELL_KNOWN = 0xc1;
const REPORT_LUNS = 0x01;
/** The upper two bits of a single level LUN (SAM-6 §4.7.7.1). */
const FLAT = 0x40;
const METHOD = 0xc0;

/** Bytes of an address. */
export const VIRTIO_SCSI_LUN_SIZE = 8;

/** Reads addresses; one object for all that come. */
export class VirtioScsiAddress {
  kind: VirtioScsiAddressKind = 'none';
  target = 0;
  lun = 0;
  /** Whether the last four bytes, which mean nothing, are not zero. */
  hasTail = false;

  /** Reads what stands at `position` of the readable part. */
  read(chain: DescriptorChain, position: number): void {
    const first = chain.readUint32(position);
    const bus = first & 0xff;
    const target = (first >>> 8) & 0xff;
    const high = (first >>> 16) & 0xff;
    const low = first >>> 24;
    this.hasTail = chain.readUint32(position + 4) !== 0;
    this.target = target;
    this.lun = 0;
    if (bus !== BUS) {
      const isWellKnown = bus === WELL_KNOWN && target === REPORT_LUNS && high === 0 && low === 0;
      this.kind = isWellKnown ? 'report-luns' : 'none';
    } else if ((high & METHOD) === FLAT) {
      this.kind = 'unit';
      this.lun = ((high & ~METHOD) << 8) | low;
    } else if (high === 0) {
      // Peripheral device addressing, of bus 0.
      this.kind = 'unit';
      this.lun = low;
    } else {
      this.kind = high === WELL_KNOWN && low === REPORT_LUNS ? 'target-report-luns' : 'none';
    }
  }
}

/** The address of a logical unit, as the device itself writes it: flat from 256 on. */
export function virtioScsiLun(target: number, lun: number): Uint8Array {
  const address = scsiLunAddress(lun);
  return Uint8Array.of(BUS, target, address >> 8, address & 0xff, 0, 0, 0, 0);
}
