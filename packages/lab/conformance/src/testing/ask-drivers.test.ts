import { createLab } from '@dxelab/testing';
import type { EfiDriverDiagnostics2, EfiDriverHealth, EfiHandle } from '@dxelab/uefi';
import {
  defineProtocol,
  DevicePathProtocol,
  convertTextToDevicePath,
  DriverDiagnostics2Protocol,
  DriverHealthProtocol,
  EfiError,
  protocolInterface,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { installDeviceDriver } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

const Raw = defineProtocol<object>('Raw', '00000000-0000-4000-8000-0000000000d1');
const Made = defineProtocol<object>('Made', '00000000-0000-4000-8000-0000000000d2');
const PLACE = 'PciRoot(0x0)/Pci(0x1E,0x0)';

/** A driver with a controller of its own, which it can diagnose. */
function selfMade(diagnostics?: EfiDriverDiagnostics2, health?: EfiDriverHealth): DxeModule {
  return {
    name: 'SelfMadeDxe',
    fileGuid: '00000000-0000-4000-8000-0000000000d3',
    moduleType: 'UEFI_DRIVER',
    entryPoint(imageHandle, { bootServices: bs }) {
      bs.installMultipleProtocolInterfaces(
        undefined,
        protocolInterface(DevicePathProtocol, convertTextToDevicePath(PLACE)),
        protocolInterface(Raw, {}),
      );
      installDeviceDriver(imageHandle, bs, {
        driverName: 'Self-Made Driver',
        consumes: Raw,
        produces: Made,
        start: () => ({}),
      });
      if (diagnostics)
        bs.installProtocolInterface(imageHandle, DriverDiagnostics2Protocol, diagnostics);
      if (health) bs.installProtocolInterface(imageHandle, DriverHealthProtocol, health);
    },
  };
}

const connected = (...parts: Parameters<typeof selfMade>) =>
  createLab({ drivers: [selfMade(...parts)] }).connect(PLACE);

describe('EFI_DRIVER_DIAGNOSTICS2_PROTOCOL (UEFI §11.6)', () => {
  test('what is right is a success, in the words of the driver', () => {
    const asked: unknown[] = [];
    const controller = connected({
      supportedLanguages: 'fr;en',
      runDiagnostics(handle: EfiHandle, child, type, language) {
        asked.push(handle, child, type, language);
        return { errorType: undefined, text: 'tout va bien' };
      },
    });
    expect(controller.diagnose('EfiDriverDiagnosticTypeExtended')).toEqual([
      { driver: 'SelfMadeDxe', status: 'EFI_SUCCESS', text: 'tout va bien' },
    ]);
    expect(asked).toEqual([controller.handle, undefined, 'EfiDriverDiagnosticTypeExtended', 'fr']);
  });

  test('what is not is the status of the driver', () => {
    const controller = connected({
      supportedLanguages: 'en',
      runDiagnostics() {
        throw new EfiError('EFI_DEVICE_ERROR', 'the fan stands still');
      },
    });
    expect(controller.diagnose()).toMatchObject([
      { status: 'EFI_DEVICE_ERROR', text: expect.stringContaining('the fan stands still') },
    ]);
  });

  test('a driver without it says nothing', () => {
    expect(connected().diagnose()).toEqual([]);
  });
});

describe('EFI_DRIVER_HEALTH_PROTOCOL (UEFI §11.10)', () => {
  test('what a driver says of its controller, and of nothing else', () => {
    const controller = connected(undefined, {
      getHealthStatus(handle, child) {
        if (child !== undefined) throw new EfiError('EFI_UNSUPPORTED', 'there are no children');
        return { status: 'EfiDriverHealthStatusFailed', messages: [`handle ${handle?.number}`] };
      },
      repair() {},
    });
    expect(controller.health()).toEqual([
      {
        driver: 'SelfMadeDxe',
        status: 'EfiDriverHealthStatusFailed',
        messages: [`handle ${controller.handle.number}`],
      },
    ]);
    expect(controller.health(controller)).toEqual([]);
  });
});
