import type { Quirks } from '@dxelab/uefi-lib';

/** Where this driver can behave as the specification asks, hardened, or as EDK II's does: one flag per quirk. */
export interface FatPolicy {
  readonly bootSectorTrusted: boolean;
  readonly crossLinksUnseen: boolean;
  readonly freeSpaceFromFsInfo: boolean;
  readonly gapNotZeroed: boolean;
  readonly errorsStick: boolean;
  readonly flushesOnEveryCall: boolean;
  readonly stopLosesUnflushed: boolean;
  readonly stopNeedsFileSystem: boolean;
  readonly missingDirectoryInvalid: boolean;
  readonly renameRemovesFirst: boolean;
  readonly caseOnlyRenameIgnored: boolean;
  readonly accessTimeIgnored: boolean;
  readonly readOnlyTimesIgnored: boolean;
  readonly labelOnlyInRoot: boolean;
  readonly latin1Names: boolean;
  readonly doubleSeparatorEndsPath: boolean;
}

/** Asks for each quirk once, when the driver is loaded. */
export function fatPolicy(quirks: Quirks): FatPolicy {
  return {
    bootSectorTrusted: quirks.has('FatDxe.BootSectorTrusted'),
    crossLinksUnseen: quirks.has('FatDxe.CrossLinksUnseen'),
    freeSpaceFromFsInfo: quirks.has('FatDxe.FreeSpaceFromFsInfo'),
    gapNotZeroed: quirks.has('FatDxe.GapNotZeroed'),
    errorsStick: quirks.has('FatDxe.ErrorsStick'),
    flushesOnEveryCall: quirks.has('FatDxe.FlushesOnEveryCall'),
    stopLosesUnflushed: quirks.has('FatDxe.StopLosesUnflushed'),
    stopNeedsFileSystem: quirks.has('FatDxe.StopNeedsFileSystem'),
    missingDirectoryInvalid: quirks.has('FatDxe.MissingDirectoryInvalid'),
    renameRemovesFirst: quirks.has('FatDxe.RenameRemovesFirst'),
    caseOnlyRenameIgnored: quirks.has('FatDxe.CaseOnlyRenameIgnored'),
    accessTimeIgnored: quirks.has('FatDxe.AccessTimeIgnored'),
    readOnlyTimesIgnored: quirks.has('FatDxe.ReadOnlyTimesIgnored'),
    labelOnlyInRoot: quirks.has('FatDxe.LabelOnlyInRoot'),
    latin1Names: quirks.has('FatDxe.Latin1Names'),
    doubleSeparatorEndsPath: quirks.has('FatDxe.DoubleSeparatorEndsPath'),
  };
}
