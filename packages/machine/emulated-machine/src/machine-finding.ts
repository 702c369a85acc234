/** Something that a driver or a firmware did and that the hardware's specification forbids or leaves undefined. */
export interface MachineFinding {
  /** The specification and section, such as `virtio-1.4 2.7.5`, or `machine <rule>` for the machine's own. */
  readonly rule: string;
  /** The name of the device that noticed. */
  readonly device: string;
  /** What was expected and what came. */
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
