/** A rule that a driver broke. */
export interface BrokenRule {
  /** The section of the virtio specification. */
  readonly section: string;
  /** What was expected and what came. */
  readonly message: string;
}
