import { bdsDxe } from '@dxelab/bds-dxe';
import { convertTextToDevicePath } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';

/** What became of each option. */
export const attempts: string[] = [];

/** A boot manager for `createDxeCore`: this disk first, then a tool on whichever disk has it. */
export const bds: DxeModule = bdsDxe({
  bootOptions: [
    { description: 'disk', devicePath: convertTextToDevicePath('PciRoot(0x0)/Pci(0x3,0x0)') },
    { description: 'tool', devicePath: convertTextToDevicePath('\\tool.efi') },
  ],
  onAttempt: ({ description, status }) => attempts.push(`${description}: ${status}`),
});
