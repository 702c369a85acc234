import type { DevicePath } from '@dxelab/uefi';
import {
  devicePathNodes,
  guidFromBytes,
  isDevicePathNode,
  MEDIA_DEVICE_PATH,
  MEDIA_PIWG_FW_FILE_DP,
  MEDIA_PIWG_FW_VOL_DP,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';

/** Of a firmware file node: a header and a GUID, in bytes. */
const FILE_NODE_LENGTH = 20;
const GUID_OFFSET = 4;

/**
 * The module that a path names as a file of a firmware volume: `Fv(…)/FvFile(FILE_GUID)`, or without the volume,
 * of which there is but one. So an application is started that no dispatcher starts (PI Vol. 2 §10.1).
 * @returns `undefined` for another path, and for a file that is not there
 */
export function firmwareFile(
  modules: readonly DxeModule[],
  path: DevicePath | undefined,
): DxeModule | undefined {
  const nodes = path === undefined ? [] : [...devicePathNodes(path)];
  const [first] = nodes;
  if (first === undefined) return undefined;
  const isVolume = isDevicePathNode(first, MEDIA_DEVICE_PATH, MEDIA_PIWG_FW_VOL_DP);
  const [file, ...rest] = isVolume ? nodes.slice(1) : nodes;
  if (file?.length !== FILE_NODE_LENGTH || rest.length > 0) return undefined;
  if (!isDevicePathNode(file, MEDIA_DEVICE_PATH, MEDIA_PIWG_FW_FILE_DP)) return undefined;
  const name = guidFromBytes(file.subarray(GUID_OFFSET));
  return modules.find(({ fileGuid }) => fileGuid === name);
}
