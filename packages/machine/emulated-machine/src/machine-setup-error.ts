/** A machine was described that cannot be built: two devices in one slot, RAM that does not fit. */
export class MachineSetupError extends Error {
  override readonly name = 'MachineSetupError';
}
