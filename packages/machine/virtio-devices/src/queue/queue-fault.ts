/** A rule that the driver broke in a ring. */
export interface QueueFault {
  /** The section of the virtio specification. */
  readonly section: string;
  /** What was expected and what came. */
  readonly message: string;
  readonly fields: Readonly<Record<string, number>>;
}

/** @param section of the virtio specification @param message what was expected and what came */
export function queueFault(
  section: string,
  message: string,
  fields: Readonly<Record<string, number>>,
): QueueFault {
  return { section, message, fields };
}
