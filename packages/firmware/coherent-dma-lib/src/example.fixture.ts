import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { CoherentDma } from './index.ts';

/** 64 KiB of RAM, and boot services that hand out pages of it from the end down. */
const bytes = new Uint8Array(0x10000);
const ram = new GuestRam(new Cycles(() => {}), new LocalRam([{ base: 0, bytes }]));
let end = bytes.length;
const bootServices = {
  allocatePages: (_type: string, _memoryType: unknown, pages: number) => (end -= pages * 0x1000),
  freePages: () => {},
};

const dma = new CoherentDma(bootServices, ram);

// Guest memory has its own address ...
const page = dma.map('BusMasterWrite', { address: 0x3000, length: 0x1000 }, 0x1000);
export const inPlace: number = page.deviceAddress; // 0x3000
dma.unmap(page);

// ... and an array has that of a copy, until it is unmapped.
export const text: Uint8Array = Uint8Array.of(1, 2, 3);
const copy = dma.map('BusMasterWrite', text, text.length);
bytes.fill(7, copy.deviceAddress, copy.deviceAddress + text.length); // what a device would write
dma.unmap(copy); // text is 7, 7, 7
