import type { EfiBootServices, EfiDriverBinding, EfiHandle, EfiComponentName2 } from '@dxelab/uefi';
import {
  ComponentName2Protocol,
  DriverBindingProtocol,
  EfiError,
  protocolInterface,
} from '@dxelab/uefi';

/** The part of a driver binding that its author writes; the library knows the rest. */
export type DriverBindingBody = Pick<EfiDriverBinding, 'version' | 'supported' | 'start' | 'stop'>;

/** A name that a driver goes by, in English only. */
export function componentName2(driverName: string): EfiComponentName2 {
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

/**
 * EfiLibInstallDriverBindingComponentName2 (MdePkg/Library/UefiLib): installs the driver binding, and
 * the driver's name, on the image handle, which so becomes the driver binding handle.
 * @param body receives the binding handle, which is the agent of everything that the driver opens
 */
export function efiLibInstallDriverBindingComponentName2(
  bs: EfiBootServices,
  imageHandle: EfiHandle,
  driverName: string,
  body: (driverBindingHandle: EfiHandle) => DriverBindingBody,
): EfiDriverBinding {
  const { version, supported, start, stop } = bound(body(imageHandle));
  const binding: EfiDriverBinding = {
    version,
    supported,
    start,
    stop,
    imageHandle,
    driverBindingHandle: imageHandle,
  };
  bs.installMultipleProtocolInterfaces(
    imageHandle,
    protocolInterface(DriverBindingProtocol, binding),
    protocolInterface(ComponentName2Protocol, componentName2(driverName)),
  );
  return binding;
}

function requireEnglish(language: string): void {
  if (language === 'en') return;
  throw new EfiError('EFI_UNSUPPORTED', `language "${language}": only "en" is supported`);
}

/** A body may be an instance of a class: its methods keep their `this`. */
function bound(body: DriverBindingBody): DriverBindingBody {
  return {
    version: body.version,
    supported: (controller, remaining) => body.supported(controller, remaining),
    start: (controller, remaining) => body.start(controller, remaining),
    stop: (controller, children) => body.stop(controller, children),
  };
}
