import { createLab } from '@dxelab/testing';
import type { EfiBootServices, Protocol } from '@dxelab/uefi';
import { defineProtocol } from '@dxelab/uefi';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';

const HANDLES = 10_000;
/** How many handles have the same protocol. */
const KIN = 100;
const ROUNDS = 15;

/** So many handles, `KIN` of each protocol. */
function installAll(bs: EfiBootServices, handles: number): readonly Protocol<null>[] {
  const protocols = Array.from({ length: handles / KIN }, (_, index) => {
    const digits = index.toString(16).padStart(12, '0');
    return defineProtocol<null>(`Protocol${index}`, `1c9d3e52-77b0-4f4e-9a56-${digits}`);
  });
  for (const protocol of protocols) {
    for (let kin = 0; kin < KIN; kin++) bs.installProtocolInterface(undefined, protocol, null);
  }
  return protocols;
}

/** How long it takes to find a handle, in nanoseconds, when all of one protocol are looked for. */
function locateAll(handles: number): number {
  const { bs } = createLab({ firmware: [] });
  const protocols = installAll(bs, handles);
  const locate = (): void => {
    for (const protocol of protocols) {
      const found = bs.locateHandleBuffer({ type: 'ByProtocol', protocol });
      if (found.length !== KIN) throw new Error(`${found.length} handles in place of ${KIN}`);
    }
  };
  locate();
  return (median(Array.from({ length: ROUNDS }, () => timed(locate))) * 1e6) / handles;
}

/** The time that a handle takes, at two sizes: it must not grow with those that are not looked for. */
export function measure(): Measurement {
  locateAll(HANDLES);
  const base = locateAll(HANDLES);
  const tenfold = locateAll(10 * HANDLES);
  return {
    value: base,
    unit: 'ns/handle',
    ratio: tenfold / base,
    notes: [
      `${KIN} of ${HANDLES} handles: ${base.toFixed(1)} ns each`,
      `${KIN} of ${10 * HANDLES} handles: ${tenfold.toFixed(1)} ns each`,
    ],
  };
}
