const SIZE = 0x1_0000;
/** The last 16 bytes below 4 GiB: where an x86 CPU begins after a reset. */
const RESET_VECTOR = SIZE - 16;

const CLI = 0xfa;
const HLT = 0xf4;
/** jmp to the hlt, for what wakes a CPU up although interrupts are off (an NMI). */
const JMP_BACK = [0xeb, 0xfd];

/**
 * A firmware image for QEMU's own CPU that puts it to sleep: the virtual machine then runs, as some
 * devices want (virtio-rng completes nothing in a machine that is stopped), and costs no CPU time.
 */
export function haltingBios(): Uint8Array {
  const image = new Uint8Array(SIZE).fill(HLT);
  image.set([CLI, HLT, ...JMP_BACK], RESET_VECTOR);
  return image;
}
