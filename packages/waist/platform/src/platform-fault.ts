/**
 * The CPU did what a real one would fault on: firmware reached for RAM where there is none. It is a
 * bug of the code that did it, never a status: it stops the boot with its stack.
 */
export class PlatformFault extends Error {
  override readonly name = 'PlatformFault';
}
