import type { EfiBootServices, EfiSystemTable } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';

/** Stands between a virtio driver, its device and boot services, and lets what is asked for memory fail. */
export class FailingDma {
  /** How many calls are still to succeed. */
  left = Infinity;
  /** Which members fail then. */
  failing: ReadonlySet<string> = new Set();
  /** What is allocated, and what is mapped, at this moment. */
  pages = 0;
  mappings = 0;

  /** A module that reaches its virtio device through this. */
  wrap(module: DxeModule): DxeModule {
    if (module.hardware === true) return module;
    return {
      ...module,
      entryPoint: (imageHandle, systemTable, libraries) =>
        module.entryPoint(imageHandle, this.#systemTable(systemTable), libraries),
    };
  }

  #systemTable(systemTable: EfiSystemTable): EfiSystemTable {
    const bootServices = this.#bootServices(systemTable.bootServices);
    return new Proxy(systemTable, {
      get: (target, key): unknown =>
        key === 'bootServices' ? bootServices : Reflect.get(target, key, target),
    });
  }

  #bootServices(bs: EfiBootServices): EfiBootServices {
    return intercepted(bs, (name, args, call) => {
      this.#failIfTold(name);
      const result = call();
      const isVirtio = args[1] === VirtioDeviceProtocol && name === 'openProtocol';
      return isVirtio && isVirtioDevice(result) ? this.#device(result) : result;
    });
  }

  #failIfTold(name: string): void {
    if (!this.failing.has(name) || this.left-- > 0) return;
    throw new EfiError('EFI_OUT_OF_RESOURCES', `${name} is told to fail`);
  }

  #device(device: VirtioDevice): VirtioDevice {
    return intercepted(device, (name, args, call) => {
      this.#failIfTold(name);
      if (name === 'allocateSharedPages') this.pages += Number(args[0]);
      if (name === 'freeSharedPages') this.pages -= Number(args[0]);
      if (name === 'mapSharedBuffer') this.mappings++;
      if (name === 'unmapSharedBuffer') this.mappings--;
      return call();
    });
  }
}

function intercepted<Target extends object>(
  target: Target,
  listener: (name: string, args: readonly unknown[], call: () => unknown) => unknown,
): Target {
  return new Proxy(target, {
    get: (_target, key): unknown => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]) =>
        listener(String(key), args, () => Reflect.apply(member, target, args) as unknown);
    },
  });
}

function isVirtioDevice(value: unknown): value is VirtioDevice {
  return typeof value === 'object' && value !== null && 'setDeviceStatus' in value;
}
