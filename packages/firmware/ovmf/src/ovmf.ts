import type { BdsOptions } from '@dxelab/bds-dxe';
import { bdsDxe } from '@dxelab/bds-dxe';
import { BOOT_MANAGER_MENU_FILE, bootManagerMenuApp } from '@dxelab/boot-manager-menu-app';
import { capsuleRuntimeDxe } from '@dxelab/capsule-runtime-dxe';
import { conPlatformDxe, earlyConsoleDxe } from '@dxelab/con-platform-dxe';
import { conSplitterDxe } from '@dxelab/con-splitter-dxe';
import { devicePathDxe } from '@dxelab/device-path-dxe';
import { diskIoDxe } from '@dxelab/disk-io-dxe';
import { englishDxe } from '@dxelab/english-dxe';
import { fatDxe } from '@dxelab/fat-dxe';
import { ioMmuDxe } from '@dxelab/io-mmu-dxe';
import { monotonicCounterRuntimeDxe } from '@dxelab/monotonic-counter-runtime-dxe';
import { partitionDxe } from '@dxelab/partition-dxe';
import { pcatRealTimeClockRuntimeDxe } from '@dxelab/pcat-real-time-clock-runtime-dxe';
import { pciBusDxe } from '@dxelab/pci-bus-dxe';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import { reportStatusCodeRouterRuntimeDxe } from '@dxelab/report-status-code-router-runtime-dxe';
import { scsiBusDxe } from '@dxelab/scsi-bus-dxe';
import { scsiDiskDxe } from '@dxelab/scsi-disk-dxe';
import { serialDxe } from '@dxelab/serial-dxe';
import { terminalDxe } from '@dxelab/terminal-dxe';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { VariableOptions } from '@dxelab/variable-runtime-dxe';
import { variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtioRngDxe } from '@dxelab/virtio-rng-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { watchdogTimerDxe } from '@dxelab/watchdog-timer-dxe';

/**
 * The modules of OvmfPkg/OvmfPkgX64.fdf that are modelled, in the order of their firmware volume: the
 * order in which drivers of equal version are tried. VirtioFdtDxe is in the volumes of OVMF's siblings for
 * machines with a device tree (Microvm/MicrovmX64.fdf); elsewhere it finds nothing to do.
 * @param variables where variables stay; without, this boot forgets them, as OVMF without a flash
 */
export function ovmf(bds: BdsOptions = {}, variables: VariableOptions = {}): readonly DxeModule[] {
  return [
    // in OVMF's a-priori file, which names it before all others
    devicePathDxe,
    reportStatusCodeRouterRuntimeDxe,
    // Before all others: whoever reaches devices must have found out by then whether memory is private. In OVMF
    // PciHostBridgeDxe waits for it (PlatformHasIoMmuLib); volumes without it would then have no PCI.
    ioMmuDxe,
    pciHostBridgeDxe,
    pcatRealTimeClockRuntimeDxe,
    watchdogTimerDxe,
    monotonicCounterRuntimeDxe,
    capsuleRuntimeDxe(),
    serialDxe,
    conPlatformDxe,
    conSplitterDxe,
    terminalDxe,
    earlyConsoleDxe,
    bdsDxe({ menuFile: BOOT_MANAGER_MENU_FILE, ...bds }),
    diskIoDxe,
    partitionDxe,
    englishDxe,
    scsiBusDxe,
    scsiDiskDxe,
    fatDxe,
    pciBusDxe,
    virtioPciDeviceDxe,
    virtio10Dxe,
    virtioBlkDxe,
    virtioScsiDxe,
    virtioRngDxe,
    virtioFdtDxe,
    variableRuntimeDxe(variables),
    bootManagerMenuApp(bds),
  ];
}
