import { createLab } from '@dxelab/testing';
import type { EfiHandle } from '@dxelab/uefi';
import {
  defineProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  guid,
} from '@dxelab/uefi';
import type { DriverBindingBody, DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import type { Measurement } from '../figure.ts';
import { medianBy, timed } from '../measure.ts';

const DRIVERS = 50;
const CONTROLLERS = 1000;
const ROUNDS = 5;

/** What a controller carries: the number of the one driver that supports it. */
const Number50 = defineProtocol<number>('Number', '5f6c7b1e-9a43-4d7c-8f0e-3a1d5c7b9e20');

/** How often a driver was asked whether it supports a controller. */
interface Counter {
  asked: number;
}

/** A driver whose Supported costs what that of a real one does: it opens what it needs, and looks. */
function driver(number: number, counter: Counter): DxeModule {
  return {
    name: `Driver${number}`,
    fileGuid: guid(`5f6c7b1e-9a43-4d7c-8f0e-3a1d5c7b${(0x1000 + number).toString(16)}`),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint(imageHandle, { bootServices: bs }) {
      const body = (agent: EfiHandle): DriverBindingBody => ({
        version: 0x10,
        supported(controller) {
          counter.asked++;
          const opened = bs.tryOpenProtocol(
            controller,
            Number50,
            agent,
            controller,
            EFI_OPEN_PROTOCOL_GET_PROTOCOL,
          );
          return opened.interface === number ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
        },
        start(controller) {
          bs.openProtocol(controller, Number50, agent, controller, EFI_OPEN_PROTOCOL_BY_DRIVER);
        },
        stop(controller) {
          bs.closeProtocol(controller, Number50, agent, controller);
        },
      });
      efiLibInstallDriverBindingComponentName2(bs, imageHandle, `Driver ${number}`, body);
    },
  };
}

/** How long it takes to connect them all, and how many pairs of driver and controller were asked. */
function connectAll(controllers: number): { readonly duration: number; readonly pairs: number } {
  const counter: Counter = { asked: 0 };
  const firmware = Array.from({ length: DRIVERS }, (_, number) => driver(number, counter));
  const { bs } = createLab({ firmware });
  const handles = Array.from({ length: controllers }, (_, index) =>
    bs.installProtocolInterface(undefined, Number50, index % DRIVERS),
  );
  const duration = timed(() => {
    for (const handle of handles) bs.connectController(handle);
  });
  return { duration, pairs: counter.asked };
}

/** The time that a pair takes, at two sizes: it must not grow with the number of controllers. */
export function measure(): Measurement {
  connectAll(CONTROLLERS);
  const sizes = [CONTROLLERS, 10 * CONTROLLERS].map((controllers) => {
    const runs = Array.from({ length: ROUNDS }, () => connectAll(controllers));
    const { duration, pairs } = medianBy(runs, (run) => run.duration);
    return { controllers, duration, pairs, each: (duration * 1e6) / pairs };
  });
  const [base, tenfold] = sizes;
  if (base === undefined || tenfold === undefined) throw new RangeError('two sizes are measured');
  return {
    value: base.each,
    unit: 'ns/pair',
    ratio: tenfold.each / base.each,
    notes: sizes.map(
      ({ controllers, duration, pairs, each }) =>
        `${controllers} controllers, ${DRIVERS} drivers: ${pairs} pairs in ${duration.toFixed(1)} ms, ${each.toFixed(0)} ns each`,
    ),
  };
}
