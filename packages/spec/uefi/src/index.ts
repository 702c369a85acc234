export * from './address.ts';
export * from './buffer.ts';
export * from './crc32.ts';
export * from './device-path/acpi-nodes.ts';
export * from './device-path/device-path.ts';
export * from './device-path/fields/node-fields.ts';
export * from './device-path/hardware-nodes.ts';
export * from './device-path/ip-nodes.ts';
export * from './device-path/media-nodes.ts';
export * from './device-path/messaging-nodes.ts';
export * from './device-path/network-nodes.ts';
export {
  type DevicePathNode,
  createDeviceNode,
  devicePathSubType,
  devicePathType,
  isDevicePathEnd,
  isDevicePathEndInstance,
  isDevicePathNode,
} from './device-path/node.ts';
export * from './device-path/node-types.ts';
export * from './device-path/text/device-path-text.ts';
export { convertDeviceNodeToText } from './device-path/text/node-to-text.ts';
export type {
  DevicePathFromTextOptions,
  DevicePathTextOptions,
} from './device-path/text/text-options.ts';
export { convertTextToDeviceNode } from './device-path/text/text-to-node.ts';
export * from './device-path/utilities.ts';
export * from './device-path/vendor-guids.ts';
export { devicePathNodes } from './device-path/walk.ts';
export * from './disk/el-torito.ts';
export * from './disk/gpt-entries.ts';
export * from './disk/gpt-entry.ts';
export * from './disk/gpt-header.ts';
export * from './disk/mbr.ts';
export * from './disk/reading.ts';
export * from './event.ts';
export * from './gcd.ts';
export * from './global-variable.ts';
export * from './guid.ts';
export * from './handle.ts';
export * from './load-option/key-option.ts';
export * from './load-option/load-option.ts';
export * from './load-option/load-option-name.ts';
export * from './load-option/load-option-order.ts';
export * from './memory-type.ts';
export * from './pe/lay-out-pe-image.ts';
export * from './pe/parse-pe-image.ts';
export * from './pe/pe-constants.ts';
export * from './pe/pe-image.ts';
export * from './protocol.ts';
export * from './protocols/architectural.ts';
export * from './protocols/block-io.ts';
export * from './protocols/component-name2.ts';
export * from './protocols/console-devices.ts';
export * from './protocols/device-path-from-text.ts';
export * from './protocols/device-path-to-text.ts';
export * from './protocols/device-path-utilities.ts';
export * from './protocols/disk-info.ts';
export * from './protocols/disk-io.ts';
export * from './protocols/driver-binding.ts';
export * from './protocols/driver-diagnostics2.ts';
export * from './protocols/driver-health.ts';
export * from './protocols/driver-overrides.ts';
export * from './protocols/driver-supported-efi-version.ts';
export * from './protocols/edkii-io-mmu.ts';
export * from './protocols/ext-scsi-pass-thru.ts';
export * from './protocols/file.ts';
export * from './protocols/load-file.ts';
export * from './protocols/loaded-image.ts';
export * from './protocols/partition-info.ts';
export * from './protocols/pci-host-bridge-resource-allocation.ts';
export * from './protocols/pci-io.ts';
export * from './protocols/pci-root-bridge-io.ts';
export * from './protocols/rng.ts';
export * from './protocols/scsi-io.ts';
export * from './protocols/security.ts';
export * from './protocols/serial-io.ts';
export * from './protocols/simple-file-system.ts';
export * from './protocols/simple-text-input.ts';
export * from './protocols/simple-text-input-ex.ts';
export * from './protocols/simple-text-output.ts';
export * from './protocols/status-code.ts';
export * from './protocols/unicode-collation2.ts';
export * from './protocols/usb-io.ts';
export * from './services/boot-services.ts';
export * from './services/capsule-services.ts';
export * from './services/dxe-services.ts';
export * from './services/event-services.ts';
export * from './services/image-services.ts';
export * from './services/memory-services.ts';
export * from './services/miscellaneous-services.ts';
export * from './services/protocol-services.ts';
export * from './services/runtime-services.ts';
export * from './services/system-table.ts';
export * from './services/time-services.ts';
export * from './services/variable-services.ts';
export * from './services/virtual-memory-services.ts';
export * from './status/efi-error.ts';
export * from './status/efi-status.ts';
export * from './status/not-modelled.ts';
export * from './tables/service-tables.ts';
export * from './tables/system-table-layout.ts';
export * from './tables/table-header.ts';
export * from './time.ts';
export * from './tpl.ts';
export * from './utf8.ts';
export * from './variables/load-option-text.ts';
export * from './variables/variable-attributes.ts';
export * from './variables/variable-text.ts';
