import type { ImageCaller } from '../image/image-caller.ts';
import type { ExitBootServices } from '../misc/exit-boot-services.ts';
import { BootServicesEnded } from './boot-services-ended.ts';

/** What a service throws that is none any more: boot services have ended, or the image has. */
export function refuseService(service: string, caller: ImageCaller, exit: ExitBootServices): never {
  const { endedBy } = exit;
  if (endedBy !== undefined) throw new BootServicesEnded(service, caller.name, endedBy);
  throw caller.barrier;
}
