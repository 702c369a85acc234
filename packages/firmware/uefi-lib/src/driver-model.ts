import type { EfiBootServices, EfiDriverBinding, EfiHandle, EfiComponentName2 } from '@dxelab/uefi';
import {
  ComponentName2Protocol,
  DriverBindingProtocol,
  EfiError,
  protocolInterface,
} from '@dxelab/uefi';

/** The part of a driver binding that its author writes; the library knows the rest. */
export type DriverBindingBody = Pick<EfiDriverBinding, 'version' | 'supported' | 'start' | 'stop'>;

/**
 * EfiLibInstallDriverBindingComponentName2 (MdePkg/Library/UefiLib): installs the driver binding, and
 * the driver's name, on the image handle, which so becomes the driver binding handle.
 * @param body receives the binding handle, which is the agent of everything that the driver opens
 * @throws EFI_INVALID_PARAMETER if the image has a driver binding already, EFI_OUT_OF_RESOURCES
 */
export function efiLibInstallDriverBindingComponentName2(
  bs: Pick<EfiBootServices, 'installMultipleProtocolInterfaces'>,
  imageHandle: EfiHandle,
  driverName: string,
  body: (driverBindingHandle: EfiHandle) => DriverBindingBody,
): EfiDriverBinding {
  const binding = bindingOf({ imageHandle, driverBindingHandle: imageHandle }, body(imageHandle));
  bs.installMultipleProtocolInterfaces(
    imageHandle,
    protocolInterface(DriverBindingProtocol, binding),
    protocolInterface(ComponentName2Protocol, componentName2(driverName)),
  );
  return binding;
}

/**
 * A further driver binding of an image: it has a handle of its own, as if C gave NULL for it.
 * @throws EFI_OUT_OF_RESOURCES
 */
export function efiLibInstallFurtherDriverBinding(
  bs: Pick<EfiBootServices, 'installMultipleProtocolInterfaces'>,
  imageHandle: EfiHandle,
  driverName: string,
  body: (driverBindingHandle: EfiHandle) => DriverBindingBody,
): EfiDriverBinding {
  const name = protocolInterface(ComponentName2Protocol, componentName2(driverName));
  const driverBindingHandle = bs.installMultipleProtocolInterfaces(undefined, name);
  const binding = bindingOf({ imageHandle, driverBindingHandle }, body(driverBindingHandle));
  bs.installMultipleProtocolInterfaces(
    driverBindingHandle,
    protocolInterface(DriverBindingProtocol, binding),
  );
  return binding;
}

function bindingOf(
  handles: Pick<EfiDriverBinding, 'imageHandle' | 'driverBindingHandle'>,
  driver: DriverBindingBody,
): EfiDriverBinding {
  // the body may be an instance of a class: its methods keep their `this`
  return {
    version: driver.version,
    supported: (controller, remaining) => driver.supported(controller, remaining),
    start: (controller, remaining) => driver.start(controller, remaining),
    stop: (controller, children) => driver.stop(controller, children),
    ...handles,
  };
}

/** EFI_COMPONENT_NAME2_PROTOCOL of a driver that has a name in English, and none for its controllers. */
function componentName2(driverName: string): EfiComponentName2 {
  return {
    supportedLanguages: 'en',
    getDriverName(language: string): string {
      requireEnglish(language);
      return driverName;
    },
    getControllerName(
      _controller: EfiHandle,
      _child: EfiHandle | undefined,
      language: string,
    ): never {
      requireEnglish(language);
      throw new EfiError('EFI_UNSUPPORTED', `${driverName} has no names for its controllers`);
    },
  };
}

function requireEnglish(language: string): void {
  if (language === 'en') return;
  throw new EfiError('EFI_UNSUPPORTED', `language "${language}": only "en" is supported`);
}
