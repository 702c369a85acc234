/** How a device path is to be written (UEFI §10.6.2). */
export interface DevicePathTextOptions {
  /** For a reader's eye: shorter, and no longer enough to build the path again. */
  readonly displayOnly?: boolean;
  /** Names for common vendor nodes and USB classes: `VenVt100()` for a VenMsg. */
  readonly allowShortcuts?: boolean;
  /**
   * As EDK II writes it (MdePkg/Library/UefiDevicePathLib): upper-case hexadecimal, `,/` between
   * instances, `DEFAULT` for a UART's 0, and no care whether the text leads back to the path.
   */
  readonly edk2?: boolean;
}

/** How the text of a device path is to be read (UEFI §10.6.5). */
export interface DevicePathFromTextOptions {
  /**
   * As EDK II reads it: nodes younger than its tables are file paths, and a parenthesis that is not
   * closed ends the path before its node.
   */
  readonly edk2?: boolean;
}
