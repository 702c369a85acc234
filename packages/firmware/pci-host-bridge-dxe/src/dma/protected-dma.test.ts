import type { EdkiiIoMmu, EfiPciOperation64 } from '@dxelab/uefi';
import { EDKII_IOMMU_PROTOCOL_REVISION } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { IoMmuSlot } from './protected-dma.ts';
import { ProtectedDma } from './protected-dma.ts';

const BUFFER = { address: 0x1000, length: 0x100 };

/** Services that note who was asked for what. */
function services(name: string, log: string[]): EdkiiIoMmu {
  return {
    revision: EDKII_IOMMU_PROTOCOL_REVISION,
    setAttribute: () => log.push(`${name} access`),
    map: (operation, _host, numberOfBytes) => {
      log.push(`${name} map ${operation}`);
      return { deviceAddress: 0, numberOfBytes };
    },
    unmap: () => log.push(`${name} unmap`),
    allocateBuffer: (_type, pages, attributes) => {
      log.push(`${name} allocate ${pages} 0x${attributes.toString(16)}`);
      return 0;
    },
    freeBuffer: (pages) => log.push(`${name} free ${pages}`),
  };
}

function world(dmaAbove4G: boolean) {
  const log: string[] = [];
  const slot: IoMmuSlot = { ioMmu: undefined };
  const dma = new ProtectedDma(services('direct', log), slot, dmaAbove4G);
  const use = (operation: EfiPciOperation64): void => {
    dma.unmap(dma.map(operation, BUFFER, 1));
    dma.freeBuffer(1, dma.allocateBuffer('EfiBootServicesData', 1, 0x8800));
  };
  return { log, use, slot, ioMmu: services('IOMMU', log) };
}

describe('DMA of a root bridge (PciRootBridgeIo.c: RootBridgeIoMap)', () => {
  test('without an IOMMU is direct', () => {
    const { log, use } = world(false);
    use('BusMasterRead64');
    expect(log).toEqual([
      'direct map BusMasterRead64',
      'direct unmap',
      'direct allocate 1 0x8800',
      'direct free 1',
    ]);
  });

  test.each([
    [true, 'BusMasterWrite64', '0x8800'],
    [false, 'BusMasterWrite', '0x800'],
  ])('DMA above 4 GiB %s: the IOMMU is asked for %s', (dmaAbove4G, operation, attributes) => {
    const { log, use, slot, ioMmu } = world(dmaAbove4G);
    slot.ioMmu = ioMmu;
    use('BusMasterWrite64');
    expect(log).toEqual([
      `IOMMU map ${operation}`,
      'IOMMU unmap',
      `IOMMU allocate 1 ${attributes}`,
      'IOMMU free 1',
    ]);
  });
});
