import { fixedScsiSense, inquiryData, reportLunsData } from '@dxelab/scsi';
import type {
  DevicePathNode,
  EfiErrorStatus,
  EfiEvent,
  EfiExtScsiPassThru,
  EfiExtScsiPassThruMode,
  EfiScsiRequestPacket,
  ScsiAddress,
} from '@dxelab/uefi';
import { EfiError, devicePathNodes, isGuestBuffer, scsiNode } from '@dxelab/uefi';

/** What a test has a logical unit answer. */
export interface ScriptedLun {
  readonly deviceType?: number;
  readonly qualifier?: number;
  /** The first answers: a target status, sense data, what the channel throws, or data. */
  readonly first?: readonly {
    readonly status?: number;
    readonly sense?: readonly [key: number, code: number];
    readonly throws?: EfiErrorStatus;
    readonly data?: Uint8Array;
  }[];
}

export interface ScriptedChannelOptions {
  readonly targets?: number;
  readonly luns?: number;
  readonly adapterId?: number;
  readonly attributes?: number;
  readonly knowsReportLuns?: boolean;
  /** What REPORT LUNS delivers in place of the truth. */
  readonly reportLuns?: Uint8Array;
}

/** A channel of targets 0 to n-1 with LUNs 0 to m-1, of which those of a map are there. */
export class ScriptedChannel implements EfiExtScsiPassThru {
  readonly mode: EfiExtScsiPassThruMode;
  readonly units = new Map<string, ScriptedLun>();
  /** `12 1:0`: operation code, target and LUN of each command. */
  readonly seen: string[] = [];
  readonly resets: string[] = [];
  readonly events: (EfiEvent | undefined)[] = [];
  readonly #options: ScriptedChannelOptions;
  readonly #asked = new Map<string, number>();

  constructor(options: ScriptedChannelOptions = {}) {
    this.#options = options;
    const { adapterId = 0xffff_ffff, attributes = 3 } = options;
    this.mode = { adapterId, attributes, ioAlign: 4 };
  }

  plug(target: number, lun: number, unit: ScriptedLun = {}): this {
    this.units.set(`${target}:${lun}`, unit);
    return this;
  }

  passThru(address: ScsiAddress, packet: EfiScsiRequestPacket, event?: EfiEvent): void {
    const target = idOf(address.target);
    const where = `${target}:${address.lun}`;
    const [code = 0] = packet.cdb;
    this.seen.push(`${code.toString(16)} ${where}`);
    this.events.push(event);
    if (![...this.units.keys()].some((key) => key.startsWith(`${target}:`))) {
      throw new EfiError('EFI_TIMEOUT', 'no such target');
    }
    packet.targetStatus = 0;
    packet.hostAdapterStatus = 0;
    packet.senseDataLength = 0;
    const unit = this.units.get(where);
    const asked = this.#asked.get(where) ?? 0;
    this.#asked.set(where, asked + 1);
    const first = code === 0x12 ? unit?.first?.[asked] : undefined;
    if (first?.throws !== undefined) throw new EfiError(first.throws, 'scripted');
    if (first?.status !== undefined) packet.targetStatus = first.status;
    if (first?.sense !== undefined) check(packet, first.sense);
    if (first?.status === undefined && first?.sense === undefined) {
      this.#answer(packet, code, target, unit, first?.data);
    }
  }

  getNextTargetLun(previous: ScsiAddress | undefined): ScsiAddress | undefined {
    const { luns = 8, targets = 4 } = this.#options;
    if (previous === undefined) return { target: idBytes(0), lun: 0 };
    const id = idOf(previous.target);
    if (previous.lun + 1 < luns) return { target: idBytes(id), lun: previous.lun + 1 };
    return id + 1 < targets ? { target: idBytes(id + 1), lun: 0 } : undefined;
  }

  getNextTarget(previous: Uint8Array | undefined): Uint8Array | undefined {
    if (previous === undefined) return idBytes(0);
    const id = idOf(previous) + 1;
    return id < (this.#options.targets ?? 4) ? idBytes(id) : undefined;
  }

  buildDevicePath({ target, lun }: ScsiAddress): DevicePathNode {
    if (lun >= (this.#options.luns ?? 8)) throw new EfiError('EFI_NOT_FOUND', 'no such LUN');
    return scsiNode(idOf(target), lun);
  }

  getTargetLun(node: DevicePathNode): ScsiAddress {
    const [first] = devicePathNodes(node);
    const [type, subType, , , pun = 0, , lun = 0] = first ?? [];
    if (type !== 3 || subType !== 2) throw new EfiError('EFI_UNSUPPORTED', 'no SCSI node');
    if (pun >= (this.#options.targets ?? 4)) throw new EfiError('EFI_NOT_FOUND', 'no such target');
    return { target: idBytes(pun), lun };
  }

  resetChannel(): void {
    this.resets.push('channel');
  }

  resetTargetLun({ target, lun }: ScsiAddress): void {
    this.resets.push(`${idOf(target)}:${lun}`);
  }

  #answer(
    packet: EfiScsiRequestPacket,
    code: number,
    target: number,
    unit: ScriptedLun | undefined,
    data: Uint8Array | undefined,
  ): void {
    if (code === 0x12) {
      give(packet, data ?? inquiryOf(unit));
    } else if (code === 0xa0 && this.#options.reportLuns !== undefined) {
      give(packet, this.#options.reportLuns);
    } else if (code === 0xa0 && (this.#options.knowsReportLuns ?? true)) {
      const luns = [...this.units.keys()].map((key) => key.split(':').map(Number));
      give(
        packet,
        reportLunsData(
          luns.flatMap(([id, lun]) => (id === target ? [lun ?? 0] : [])).toSorted((a, b) => a - b),
        ),
      );
    } else {
      check(packet, [5, 0x2000]);
    }
  }
}

function inquiryOf(unit: ScriptedLun | undefined): Uint8Array {
  return inquiryData({
    peripheralQualifier: unit === undefined ? 3 : (unit.qualifier ?? 0),
    deviceType: unit === undefined ? 0x1f : (unit.deviceType ?? 0),
    removable: false,
    version: 6,
    responseDataFormat: 2,
    hierarchicalLuns: false,
    commandQueuing: false,
    vendor: 'DXELAB',
    product: 'scripted',
    revision: '1',
  });
}

function check(packet: EfiScsiRequestPacket, [key, code]: readonly [number, number]): void {
  packet.targetStatus = 2;
  packet.inTransferLength = 0;
  if (packet.senseData === undefined) return;
  const sense = fixedScsiSense(key, code);
  packet.senseData.set(sense);
  packet.senseDataLength = sense.length;
}

function give(packet: EfiScsiRequestPacket, data: Uint8Array): void {
  const buffer = packet.inDataBuffer;
  if (buffer === undefined || isGuestBuffer(buffer)) throw new TypeError('arrays only');
  const length = Math.min(data.length, packet.inTransferLength);
  buffer.set(data.subarray(0, length));
  packet.inTransferLength = length;
}

function idBytes(id: number): Uint8Array {
  const target = new Uint8Array(16);
  target[0] = id & 0xff;
  target[1] = id >> 8;
  return target;
}

function idOf(target: Uint8Array): number {
  return (target[0] ?? 0) | ((target[1] ?? 0) << 8);
}
