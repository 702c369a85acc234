/**
 * Where OVMF or EDK II deviates from a specification. The `specification` profile has none of these,
 * the `edk2` profile has all; a scenario can override a single one. Named `Module.WhatItDoes`.
 */
export const QUIRKS = {
  'BasePciCapLib.ListUnchecked':
    'a capability pointer into the header and an extended space of all ones are taken for capabilities (OvmfPkg/Library/BasePciCapLib)',
  'BdsDxe.BootCurrentStays':
    'BootCurrent goes on naming an option of which no image could be loaded (MdeModulePkg/Library/UefiBootManagerLib/BmBoot.c)',
  'BdsDxe.DevicesBecomeOptions':
    'unless the platform says what to boot, everything is connected in each boot; each device that can be booted gets a Boot####, and so does the boot menu with its keys F2 and Escape (OvmfPkg/Library/PlatformBootManagerLib/BdsPlatform.c)',
  'BdsDxe.LanguagesOfPcds':
    'PlatformLangCodes has languages that no module speaks, PlatformLang is en-US, and Lang and LangCodes are still written (MdeModulePkg/Universal/BdsDxe)',
  'BdsDxe.OnlyFirstFile':
    'of the files that a boot option can mean only the first is tried that can be read and has the headers of an application (MdeModulePkg/Library/UefiBootManagerLib/BmBoot.c)',
  'BdsDxe.TemporaryOptionStays':
    'an option that has no Boot#### takes one that BootOrder does not name for its boot, even if there is such an option, and it stays behind (MdeModulePkg/Library/UefiBootManagerLib/BmBoot.c)',
  'BdsDxe.TimeoutFromPlatform':
    'Timeout is set anew in each boot to what OVMF was built with, 0, and nothing is waited for (MdeModulePkg/Universal/BdsDxe/BdsEntry.c)',
  'BdsDxe.TypedAheadLost':
    'keys that nobody has read yet are read away before the first option is booted (MdeModulePkg/Universal/BdsDxe/BdsEntry.c)',
  'CapsuleRuntimeDxe.QueryIgnoresRuntime':
    'QueryCapsuleCapabilities tells nothing of that a capsule cannot be processed after ExitBootServices (MdeModulePkg/Universal/CapsuleRuntimeDxe)',
  'CapsuleRuntimeDxe.SizesUnchecked':
    'the sizes in the header of a capsule are not looked at (MdeModulePkg/Universal/CapsuleRuntimeDxe)',
  'ConPlatformDxe.OnlyNamedConsoles':
    'a device is a console only if ConIn, ConOut or ErrOut names it, and not before BDS connects it: what is said before is lost (MdeModulePkg/Universal/Console/ConPlatformDxe)',
  'ConSplitterDxe.GlyphWarningLost':
    'OutputString of ConOut and StdErr never returns EFI_WARN_UNKNOWN_GLYPH (MdeModulePkg/Universal/Console/ConSplitterDxe)',
  'DiskIoDxe.RangeUnchecked':
    'a range that leaves the disk is transferred up to where BlockIo refuses it (MdeModulePkg/Universal/Disk/DiskIoDxe)',
  'DxeCore.ConnectNeedsDriverBinding':
    'ConnectController with an End node returns EFI_NOT_FOUND while there is no driver binding at all (MdeModulePkg/Core/Dxe/Hand/DriverSupport.c)',
  'DxeCore.ContextOverrideByBindingHandle':
    'an image handle without a driver binding of its own is ignored among the drivers to try first (MdeModulePkg/Core/Dxe/Hand/DriverSupport.c)',
  'DxeCore.CoreOpensWhatItLooksUp':
    'what the core looks up for itself, such as whether a protocol is there already, leaves open records of the core (MdeModulePkg/Core/Dxe/Hand)',
  'DxeCore.DepexRemembersPush':
    'a protocol that a dependency expression has once found counts as installed for ever (MdeModulePkg/Core/Dxe/Dispatcher/Dependency.c)',
  'DxeCore.DisconnectLosesStopError':
    'DisconnectController loses what Stop failed with: EFI_NOT_FOUND, or success if any driver was stopped (MdeModulePkg/Core/Dxe/Hand/DriverSupport.c)',
  'DxeCore.DisconnectOfStrangerNotFound':
    'DisconnectController of a driver that does not manage the controller returns EFI_NOT_FOUND (MdeModulePkg/Core/Dxe/Hand/DriverSupport.c)',
  'DxeCore.DxeRevision180':
    'the table of DXE services claims revision 1.80 of the specification (MdePkg/Include/Pi/PiMultiPhase.h)',
  'DxeCore.ExitBootServicesStopsTimerFirst':
    'ExitBootServices with a wrong map key has stopped the timer all the same (MdeModulePkg/Core/Dxe/DxeMain)',
  'DxeCore.FamilyOverrideStopsEarly':
    'the search for driver family overrides goes on only while the newest driver binding has one (MdeModulePkg/Core/Dxe/Hand/DriverSupport.c)',
  'DxeCore.GcdAttributesAccumulate':
    'a range of several descriptors that is to become EFI_MEMORY_RUNTIME gets from each, and hands on to the next, how it is cached (MdeModulePkg/Core/Dxe/Gcd/Gcd.c)',
  'DxeCore.GcdKeepsMapKey':
    'the map key stays what it was when MMIO becomes EFI_MEMORY_RUNTIME, or reserved or persistent memory is added or removed, though the memory map is another (MdeModulePkg/Core/Dxe/Gcd/Gcd.c)',
  'DxeCore.GcdRefusesLessThanPage':
    'AddMemorySpace of system memory without a whole page in it is EFI_INVALID_PARAMETER, and the memory is added all the same (MdeModulePkg/Core/Dxe/Gcd/Gcd.c)',
  'DxeCore.GcdTopDownLosesLast':
    'a search from the top passes over a descriptor in which the range would begin at its base and end with the last address allowed, or beyond it (MdeModulePkg/Core/Dxe/Gcd/Gcd.c)',
  'DxeCore.GroupsOfNotifyFunctions':
    'an event group has only its EVT_NOTIFY_SIGNAL members: others neither signal it nor are signalled by it (MdeModulePkg/Core/Dxe/Event)',
  'DxeCore.LoadsIa32Images':
    'LoadImage on X64 accepts an IA32 image, and StartImage refuses it (MdeModulePkg/Core/Dxe/Image)',
  'DxeCore.OpenComparesController':
    'OpenProtocol BY_DRIVER again by the same agent, but for another controller, is EFI_ACCESS_DENIED and not EFI_ALREADY_STARTED (MdeModulePkg/Core/Dxe/Hand/Handle.c)',
  'DxeCore.TableRevision270':
    'the tables claim revision 2.70 of the specification (MdePkg/Include/Uefi/UefiSpec.h)',
  'DxeCore.TimerTick':
    'timers advance by a tick of 10 ms, and ticks that come while interrupts are disabled are lost (MdeModulePkg/Core/Dxe/Event, OvmfPkg/LocalApicTimerDxe)',
  'DxeCore.UninstallMultipleLosesHandle':
    'UninstallMultipleProtocolInterfaces that fails after the last protocol of the handle reinstalls nothing: the handle is gone (MdeModulePkg/Core/Dxe/Hand/Handle.c)',
  'DxeCore.VirtualMapUnchecked':
    'SetVirtualAddressMap takes a map that lacks runtime ranges or has ranges that are none (MdeModulePkg/Core/RuntimeDxe/Runtime.c)',
  'EnglishDxe.Latin1Letters':
    'upper and lower case are those of Latin-1 only (MdeModulePkg/Universal/Disk/UnicodeCollation/EnglishDxe)',
  'FatDxe.AccessTimeIgnored':
    'SetInfo leaves the time of the last access as it is (FatPkg/EnhancedFatDxe/Info.c)',
  'FatDxe.BootSectorTrusted':
    'a volume is mounted without the signature 0xAA55, and if its medium is smaller than it says (FatPkg/EnhancedFatDxe/Init.c)',
  'FatDxe.CaseOnlyRenameIgnored':
    'a new name that differs from the old one in upper and lower case only is ignored (FatPkg/EnhancedFatDxe/Info.c)',
  'FatDxe.CrossLinksUnseen':
    'chains are followed without asking whether another file has the same cluster (FatPkg/EnhancedFatDxe/FileSpace.c)',
  'FatDxe.DoubleSeparatorEndsPath':
    'a second backslash behind the leading one ends a path, which so names the root (FatPkg/EnhancedFatDxe/DirectoryManage.c)',
  'FatDxe.ErrorsStick':
    'a file that has failed to read, write or flush once fails for as long as it is open (FatPkg/EnhancedFatDxe/Flush.c)',
  'FatDxe.FlushesOnEveryCall':
    'OpenVolume, Open and GetInfo have the disk flush though nothing was written (FatPkg/EnhancedFatDxe/Flush.c)',
  'FatDxe.FreeSpaceFromFsInfo':
    'the count of free clusters in FSInfo is believed (FatPkg/EnhancedFatDxe/Init.c)',
  'FatDxe.GapNotZeroed':
    'a write beyond the end of a file leaves in between what was on the disk (FatPkg/EnhancedFatDxe/ReadWrite.c)',
  'FatDxe.LabelOnlyInRoot':
    'a new volume label does not reach the boot sector (FatPkg/EnhancedFatDxe/DirectoryManage.c)',
  'FatDxe.Latin1Names':
    'upper and lower case are told apart in Latin-1 only, and 8.3 names are read as Latin-1 (MdeModulePkg/Universal/Disk/UnicodeCollation/EnglishDxe)',
  'FatDxe.MissingDirectoryInvalid':
    'Open of a name that is missing and ends with a backslash is EFI_INVALID_PARAMETER, though nothing is to be created (FatPkg/EnhancedFatDxe/DirectoryManage.c)',
  'FatDxe.ReadOnlyTimesIgnored':
    'SetInfo with new times on a read-only handle succeeds and leaves them as they are (FatPkg/EnhancedFatDxe/Info.c)',
  'FatDxe.RenameRemovesFirst':
    'a rename deletes the old entry before it makes the new one (FatPkg/EnhancedFatDxe/Info.c)',
  'FatDxe.StopLosesUnflushed':
    'neither Stop nor the end of boot services brings to the disk what was not flushed (FatPkg/EnhancedFatDxe/Init.c)',
  'FatDxe.StopNeedsFileSystem':
    'Stop fails while a volume is being mounted: a new medium that is noticed then is not mounted (FatPkg/EnhancedFatDxe/Fat.c)',
  'IoMmuDxe.BounceNotFilled':
    'a bounce buffer for BusMasterWrite holds what its pages had when they were shared, and Unmap copies all of it back (OvmfPkg/IoMmuDxe)',
  'IoMmuDxe.FreedWhileMapped':
    'FreeBuffer gives back pages of a common buffer that is still mapped, and shared (OvmfPkg/IoMmuDxe)',
  'IoMmuDxe.OverlapsMapped':
    'a common buffer is mapped a second time, and private again with the first Unmap (OvmfPkg/IoMmuDxe)',
  'IoMmuDxe.ReservedPool':
    'most bounce buffers and common buffers come from a pool of 5716 KiB whose pages devices reach from the start, mapped or not (OvmfPkg/IoMmuDxe/IoMmuBuffer.c)',
  'MonotonicCounterRuntimeDxe.HalfRange':
    'the lower half of the monotonic count overflows after 2^31 counts (MdeModulePkg/Universal/MonotonicCounterRuntimeDxe)',
  'PartitionDxe.ElToritoCountsCdSectors':
    'the sector count of a boot catalog is in sectors of a CD, not of 512 bytes, and is believed (MdeModulePkg/Universal/Disk/PartitionDxe/ElTorito.c)',
  'PartitionDxe.IgnoresRemainingDevicePath':
    'Start makes all children, whichever of them the remaining device path names (MdeModulePkg/Universal/Disk/PartitionDxe)',
  'PartitionDxe.LogicalDrivesInAnyPartition':
    'a chain of logical drives is looked for in every partition, not only in extended ones (MdeModulePkg/Universal/Disk/PartitionDxe/Mbr.c)',
  'PartitionDxe.MbrBlocksOf512Bytes':
    'MBR partitions have blocks of 512 bytes, whatever the disk has (MdeModulePkg/Universal/Disk/PartitionDxe/Mbr.c)',
  'PartitionDxe.RepairsGpt':
    'a broken GPT is written anew from the other one when the disk is connected (MdeModulePkg/Library/GptLib)',
  'PartitionDxe.UsableBlocksBelieved':
    'GPT partitions may lie beyond the end of the disk if the header says that these blocks are usable (MdeModulePkg/Library/GptLib)',
  'PcRtc.AbsenceUnnoticed':
    'a machine without a real-time clock is one whose clock hangs: each service waits 0.1 s and is EFI_DEVICE_ERROR, not EFI_UNSUPPORTED (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.BadZoneResetsTime':
    'a variable RTC that is no time zone sets the clock to 1998 (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.CenturyIgnored':
    'the century is written and never read: years are 1998 to 2097 (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.DisablingForgetsDate':
    'to disable the wake-up time sets its date to today (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.FormerFormatIgnored':
    'a clock that was left in binary or in 12-hour mode is read as BCD and 24 hours, and set to that (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.LevelAsserted':
    'a time service that is called above TPL_CALLBACK fails an ASSERT (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.TornReads':
    'the time is read once, so that a clock that goes on meanwhile shows one that never was (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PcRtc.WakeupZoneIgnored':
    'a wake-up time of another time zone is taken for one in the time zone of the clock (PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe)',
  'PciBusDxe.AddressRangeMaximumIsAlignment':
    'GetBarAttributes puts the alignment where the last address belongs (MdeModulePkg/Bus/Pci/PciBusDxe)',
  'PciBusDxe.BarOrdinal':
    'BarIndex counts BARs, so that it is not the BAR number behind a 64-bit BAR (MdeModulePkg/Bus/Pci/PciBusDxe)',
  'PciBusDxe.BarSupportsNothing':
    'GetBarAttributes says that a BAR supports no attributes, whatever the function supports (MdeModulePkg/Bus/Pci/PciBusDxe)',
  'PciBusDxe.DeviceEnableForgiven':
    'Enable of IO, MEMORY and BUS_MASTER together drops those that are not supported (MdeModulePkg/Bus/Pci/PciBusDxe)',
  'PciBusDxe.EmbeddedRomInverted':
    'EMBEDDED_ROM is set for functions without an embedded ROM (MdeModulePkg/Bus/Pci/PciBusDxe)',
  'PciBusDxe.FailedAccessStaysMapped':
    'Map fails if the IOMMU refuses the access, and what was mapped stays mapped (MdeModulePkg/Bus/Pci/PciBusDxe)',
  'PciHostBridgeDxe.BounceMemoryPerMap':
    'every bounce buffer is allocated anew and freed again (MdeModulePkg/Bus/Pci/PciHostBridgeDxe)',
  'PciHostBridgeDxe.BounceNotFilled':
    'a bounce buffer for BusMasterWrite holds what was there before, and Unmap copies all of it back (MdeModulePkg/Bus/Pci/PciHostBridgeDxe)',
  'PciHostBridgeDxe.DmaBelow4G':
    'no bus master gets an address above 4 GiB, though the chipset carries it (OvmfPkg/Library/PciHostBridgeLib)',
  'PciHostBridgeDxe.ExtendedConfigUnaligned':
    'registers of the extended configuration space are not checked for alignment (MdeModulePkg/Bus/Pci/PciHostBridgeDxe)',
  'PciHostBridgeDxe.UnmapTwice':
    'a mapping that needed no bounce buffer can be unmapped again (MdeModulePkg/Bus/Pci/PciHostBridgeDxe)',
  'ScsiBusDxe.InquiryStatusIgnored':
    'a unit that ends INQUIRY with BUSY, or with a CHECK CONDITION other than ILLEGAL REQUEST, is taken for a disk (MdeModulePkg/Bus/Scsi/ScsiBusDxe)',
  'ScsiBusDxe.MissingChildForgiven':
    'Start succeeds though the unit that the remaining device path names is not there (MdeModulePkg/Bus/Scsi/ScsiBusDxe)',
  'ScsiBusDxe.ProbesEveryLun':
    'every LUN of every target is sent an INQUIRY, and none is asked which it has (MdeModulePkg/Bus/Scsi/ScsiBusDxe)',
  'ScsiBusDxe.SignalsIgnoredEvent':
    'ExecuteScsiCommand signals the event though the channel blocks and so ignores it (MdeModulePkg/Bus/Scsi/ScsiBusDxe)',
  'ScsiDiskDxe.AlignmentMisread':
    'physical blocks are asked for beyond 2 TiB only, and the bits LBPME and LBPRZ taken for a part of the lowest aligned block (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.BusyResets':
    'a unit that is BUSY or whose task set is full is reset, and not waited for (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.CapacityBelieved':
    'the status of READ CAPACITY is not looked at and its block size not checked: a unit that refuses has one block of 0 bytes (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.ChangeDuringTransferUnreported':
    'a medium that goes or changes during a transfer is EFI_DEVICE_ERROR, and BlockIo is not reinstalled (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.FuaInsteadOfFlush':
    'FlushBlocks does nothing: writes have FUA set unless the disk knows neither it nor a write cache (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.HalvesOnErrors':
    'of sense data only few are understood; a transfer that meets others, such as a recovered error or changed mode parameters, is tried again with half the length, and fails with one block (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.MediaIdRestarts':
    'MediaId is 0 without a medium and 1 with the next one, which so can have the id of the one before (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.PhysicalChannelStarts':
    'Start on a unit of a channel that is physical only succeeds, installs nothing and keeps nothing open (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.PollsWithoutPause':
    'a drive that becomes ready is asked without a pause, and taken to be ready after two minutes (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.RequestSenseAfterGood':
    'TEST UNIT READY that ends with GOOD is followed by REQUEST SENSE (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.ResetUnsupportedSucceeds':
    'Reset succeeds on a channel that cannot reset a device (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.ShortTransfersRepeated':
    'a unit that ends a transfer with GOOD and has moved nothing is asked again for ever (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.TransferLimitsIgnored':
    'the largest transfer that the unit states is not looked at, and that of the channel found out again with each transfer (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.UnknownStatusIsSuccess':
    'TASK ABORTED and ACA ACTIVE count as success (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.WellKnownUnitsStarted':
    'well-known logical units get a BlockIo, though they have no blocks (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'ScsiDiskDxe.WriteProtectionAskedOnce':
    'write protection is asked for once, before anything else: a unit with something to report, as after power-on, counts as writable (MdeModulePkg/Bus/Scsi/ScsiDiskDxe)',
  'TerminalDxe.CursorNeverHidden':
    'EnableCursor(FALSE) is EFI_UNSUPPORTED (MdeModulePkg/Universal/Console/TerminalDxe)',
  'TerminalDxe.GlyphsUnchecked':
    'TestString and OutputString take text that is no UTF-16 (MdeModulePkg/Universal/Console/TerminalDxe)',
  'TerminalDxe.KeysOfVtUtf8Only':
    'the keys of an xterm are unknown, and DEL is the Delete key (MdeModulePkg/Universal/Console/TerminalDxe)',
  'TerminalDxe.ToggleStateIgnored':
    'SetState takes a valid toggle state, though there are no lights (MdeModulePkg/Universal/Console/TerminalDxe)',
  'UefiDevicePathLib.TextLosesFields':
    'a device path is written with upper-case digits, ",/" between instances and DEFAULT for the zeros of a UART, and what its text has no place for is lost (MdePkg/Library/UefiDevicePathLib/DevicePathToText.c)',
  'UefiDevicePathLib.UnclosedEndsPath':
    'the text of a path ends before a node whose parenthesis is not closed, and nodes younger than its tables are names of files (MdePkg/Library/UefiDevicePathLib/DevicePathFromText.c)',
  'VariableRuntimeDxe.NoAuthentication':
    'authenticated writes are EFI_INVALID_PARAMETER whatever their signature, as OVMF without Secure Boot answers them (MdeModulePkg/Universal/Variable/RuntimeDxe)',
  'Virtio10Dxe.LastCapabilityWins':
    'of two capabilities of one type the last is used, not the first usable (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.NoQueueAccess':
    'there is no protocol for packed rings and the features above bit 33 (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.NotifyReselects':
    'every kick saves, writes and restores queue_select and reads queue_notify_off (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.QueueSizeReadOnly':
    'queue_size is only compared, so the driver runs at the maximum size (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.ResetUnchecked': 'a reset is not waited for (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.StrictIdentity':
    'a modern device needs revision 1 and subsystem id 0x40 or above, and transitional devices are left alone (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.TornConfigReads':
    'config_generation is not consulted, so a 64-bit field can tear (OvmfPkg/Virtio10Dxe)',
  'VirtioBlkDxe.MediaIdUnchecked':
    'ReadBlocks and WriteBlocks never compare MediaId (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.OneDescriptor':
    'a request has one data descriptor of up to 1 GiB, whatever size_max and seg_max say, and no more (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.RequestMemoryPerRequest':
    'header and status are allocated and mapped anew for each request (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.ResetDoesNothing':
    'Reset succeeds without touching the device, even after the device broke its ring (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.RevisionZero':
    'BlockIo has revision 0 on a device without topology (OvmfPkg/VirtioBlkDxe)',
  'VirtioFdtDxe.OverlapsUnseen':
    'two nodes with the same registers become two devices (OvmfPkg/Fdt/VirtioFdtDxe)',
  'VirtioFdtDxe.RegIsBaseAndSize':
    'reg is taken for one address and one size of 64 bits each, whatever the buses above say (OvmfPkg/Fdt/VirtioFdtDxe)',
  'VirtioLib.AlwaysNotifies':
    'VirtioFlush notifies although the device asked not to be (OvmfPkg/Library/VirtioLib)',
  'VirtioLib.FlushTrustsDevice':
    'VirtioFlush reads its own index back from shared memory, waits for an exactly equal used index and believes the used element (OvmfPkg/Library/VirtioLib)',
  'VirtioLib.LegacyFeaturesLast':
    'drivers of a legacy device write the features after the queue address (OvmfPkg/Virtio*Dxe)',
  'VirtioLib.Version1Optional':
    'a modern device that does not offer VERSION_1 is driven all the same (OvmfPkg/VirtioBlkDxe, VirtioScsiDxe, VirtioRngDxe)',
  'VirtioMmioDeviceLib.ConfigByByte':
    'the configuration is read and written byte by byte, whatever its fields are (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.DeviceIdFirst':
    'DeviceID is read before MagicValue and Version have said that it is there (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.MapsIdentity':
    'EDKII_IOMMU_PROTOCOL is not asked, so that a device behind an IOMMU reaches nothing (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.NoQueueAccess':
    'there is no protocol for packed rings and the features above bit 33 (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.PlaceholderInstalled':
    'DeviceID 0, where there is no device, becomes a device of type 0 (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.QueueAddressTruncated':
    'the ring is published at its host address, of which a legacy device gets the lower 32 bits of the page number (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.QueueSetUpUnchecked':
    'a queue is set up without asking whether it is in use or can have this size (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.QueueSizeOfLegacyOnly':
    'a queue whose driver sets no size gets the largest one if the device is a legacy one, and otherwise that of the last driver that set one (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.ResetUnchecked':
    'a reset is not waited for (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.SelectorsUnwritten':
    'features of a legacy device are read and written without selecting them (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.TornConfigReads':
    'ConfigGeneration is not consulted, so a 64-bit field can tear (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioMmioDeviceLib.UnmapUnchecked':
    'what was mapped can be unmapped again (OvmfPkg/Library/VirtioMmioDeviceLib)',
  'VirtioPciDeviceDxe.BarUnchecked':
    'BAR 0 is taken to be of I/O space and large enough (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.MapsIdentity':
    'PciIo.Map is never called, so that a device behind an IOMMU reaches nothing (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.NoQueueAccess':
    'there is no protocol for queues beside VIRTIO_DEVICE_PROTOCOL (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.QueueAddressTruncated':
    'the ring is published at its host address, of which the device gets the lower 32 bits of the page number (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.QueueSetUpUnchecked':
    'any queue size and alignment is accepted, and the device knows nothing of it (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.ResetUnchecked': 'a reset is not waited for (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.StopFailsWithClose':
    'Stop fails if its last step does, when nothing is left to be stopped (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioPciDeviceDxe.TornConfigReads':
    'a 64-bit field is read once, and can tear (OvmfPkg/VirtioPciDeviceDxe)',
  'VirtioRngDxe.EmptyAnswersRepeated':
    'GetRNG asks again for ever while the device answers without a byte (OvmfPkg/VirtioRngDxe)',
  'VirtioRngDxe.LeaksWhenStopped':
    'GetRNG leaks its buffer when the device has been stopped (OvmfPkg/VirtioRngDxe)',
  'VirtioScsiDxe.FewTargetsAndLuns':
    'targets above 31 and logical units above 7 are out of reach (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.HalfOfMaxSectors':
    'a transfer has half of max_sectors at most, in one direction too, and a longer one overwrites both lengths with that (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.LongTransfersUnsupported':
    'more than 1 GiB is EFI_UNSUPPORTED, and not EFI_BAD_BUFFER_SIZE with a length that fits (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.NoTaskManagement':
    'the control queue is not set up, so that ResetChannel and ResetTargetLun are unsupported (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.NoTplRaise':
    'PassThru does not raise the TPL, so that a notification function can begin a request while another is in the ring (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.NodeLengthUnchecked':
    'GetTargetLun takes a SCSI node of any length (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.RequestIdZero': 'every request has the id 0 (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.RequestMemoryPerRequest':
    'request, response and incoming data get memory of their own, mapped anew for each request (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.ResidualUnclamped':
    'a residual larger than the transfer makes OutTransferLength wrap around (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.TargetBytesIgnored':
    'a target is its first two bytes, whatever the other fourteen are (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.TimeoutIgnored':
    'PassThru waits for ever, whatever timeout the packet has (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.UnaddressableUnsupported':
    'a target above 255 or a LUN above 16383 is EFI_UNSUPPORTED, and not EFI_INVALID_PARAMETER (OvmfPkg/VirtioScsiDxe)',
  'VirtioScsiDxe.UsedLengthIgnored':
    'sense data and incoming data are believed to be there, whatever length the device says it wrote (OvmfPkg/VirtioScsiDxe)',
} as const;

export type QuirkName = keyof typeof QUIRKS;
export type Profile = 'specification' | 'edk2';

export const PROFILES: readonly Profile[] = ['specification', 'edk2'];

/** The quirks in force: a profile, with single ones overridden. */
export class Quirks {
  readonly profile: Profile;
  readonly #overrides = new Map<string, boolean>();

  /** @throws TypeError for an override of what is no quirk: it would go unnoticed */
  constructor(profile: Profile, overrides: Readonly<Partial<Record<QuirkName, boolean>>> = {}) {
    this.profile = profile;
    for (const [name, inForce] of Object.entries(overrides)) {
      if (!Object.hasOwn(QUIRKS, name)) throw new TypeError(`there is no quirk "${name}"`);
      this.#overrides.set(name, inForce);
    }
  }

  /** Whether a module is to behave as what ships. Asked once, at a module's entry, not per call. */
  has(name: QuirkName): boolean {
    return this.#overrides.get(name) ?? this.profile === 'edk2';
  }
}
