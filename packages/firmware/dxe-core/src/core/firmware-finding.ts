/** A rule that an image broke without a status that would tell it so. */
export interface FirmwareFinding {
  /** Specification and section, such as `UEFI 7.1`. */
  readonly rule: string;
  /** The image that broke it. */
  readonly image: string;
  /** What was expected and what came. */
  readonly message: string;
  readonly fields: Readonly<Record<string, number | string>>;
}
