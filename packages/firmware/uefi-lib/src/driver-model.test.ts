import type { EfiDriverBinding, EfiHandle, EfiStatus, ProtocolInterface } from '@dxelab/uefi';
import {
  ComponentName2Protocol,
  devicePath,
  DriverBindingProtocol,
  pciNode,
  protocolInterface,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { DriverBindingBody } from './driver-model.ts';
import { efiLibInstallDriverBindingComponentName2 } from './driver-model.ts';

const image: EfiHandle = { number: 1 };
const controller: EfiHandle = { number: 2 };

/** A body that needs its `this`, and tells how it was called. */
class Body implements DriverBindingBody {
  readonly version = 0x10;
  readonly calls: unknown[][] = [];
  readonly agent: EfiHandle;

  constructor(agent: EfiHandle) {
    this.agent = agent;
  }

  supported(...call: Parameters<DriverBindingBody['supported']>): EfiStatus {
    this.calls.push(['supported', ...call]);
    return 'EFI_UNSUPPORTED';
  }

  start(...call: Parameters<DriverBindingBody['start']>): void {
    this.calls.push(['start', ...call]);
  }

  stop(...call: Parameters<DriverBindingBody['stop']>): void {
    this.calls.push(['stop', ...call]);
  }
}

/** Installs `Body`, and tells what was installed where. */
function install() {
  const installed: { handle: EfiHandle | undefined; interfaces: readonly ProtocolInterface[] }[] =
    [];
  let body = new Body(controller);
  const bs = {
    installMultipleProtocolInterfaces(
      handle: EfiHandle | undefined,
      ...interfaces: readonly ProtocolInterface[]
    ): EfiHandle {
      installed.push({ handle, interfaces });
      return image;
    },
  };
  const binding: EfiDriverBinding = efiLibInstallDriverBindingComponentName2(
    bs,
    image,
    'Test Driver',
    (agent) => {
      body = new Body(agent);
      return body;
    },
  );
  return { installed, body, binding };
}

describe('EfiLibInstallDriverBindingComponentName2 (UEFI §11.1, §11.5)', () => {
  test('installs binding and name on the image handle, in one call', () => {
    const { installed, binding } = install();
    expect(installed).toEqual([
      {
        handle: image,
        interfaces: [
          protocolInterface(DriverBindingProtocol, binding),
          { protocol: ComponentName2Protocol, interface: expect.anything() },
        ],
      },
    ]);
  });

  test('the image handle is the binding handle, and the agent of what the driver opens', () => {
    const { body, binding } = install();
    expect(binding).toMatchObject({
      version: 0x10,
      imageHandle: image,
      driverBindingHandle: image,
    });
    expect(body.agent).toBe(image);
  });

  test('the members are those of the body, which keeps its `this`', () => {
    const { body, binding } = install();
    const remaining = devicePath(pciNode(2, 0));
    expect(binding.supported(controller, remaining)).toBe('EFI_UNSUPPORTED');
    binding.start(controller, remaining);
    binding.stop(controller, [image]);
    expect(body.calls).toEqual([
      ['supported', controller, remaining],
      ['start', controller, remaining],
      ['stop', controller, [image]],
    ]);
  });

  test('the name is English, and controllers have none', () => {
    const { installed } = install();
    const name = installed[0]?.interfaces[1]?.interface;
    expect(name).toMatchObject({ supportedLanguages: 'en' });
    const { getDriverName, getControllerName } = Object(name);
    expect(getDriverName('en')).toBe('Test Driver');
    expect(() => getDriverName('fr')).toThrow(/EFI_UNSUPPORTED.*"fr"/);
    expect(() => getControllerName(controller, undefined, 'en')).toThrow('EFI_UNSUPPORTED');
    expect(() => getControllerName(controller, undefined, 'fr')).toThrow(/EFI_UNSUPPORTED.*"fr"/);
  });
});
