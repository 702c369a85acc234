import type { DevicePath, EfiBootServices, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  appendDevicePathNode,
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
  isDevicePathEnd,
  protocolInterface,
  SerialIoProtocol,
  SimpleTextInputExProtocol,
  SimpleTextInputProtocol,
  SimpleTextOutputProtocol,
} from '@dxelab/uefi';
import type { DriverBindingBody, Quirks, Unwind } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';
import { SerialLine } from './serial-line.ts';
import { TerminalInput } from './terminal-input.ts';
import { TerminalOutput } from './terminal-output.ts';
import { isTerminal, TERMINAL_NODE } from './terminal-type.ts';

/** A terminal that was made. */
interface Terminal {
  readonly handle: EfiHandle;
  /** Takes it from its handle again. */
  remove(): void;
}

/**
 * The binding of a bus driver: EFI_SERIAL_IO_PROTOCOL and a device path below, one handle with a terminal above
 * (MdeModulePkg/Universal/Console/TerminalDxe/Terminal.c).
 */
export class TerminalDriver implements DriverBindingBody {
  readonly version: number = 0xa;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #quirks: Quirks;
  readonly #lines = new Map<EfiHandle, SerialLine>();
  /** By the controller that they are on. */
  readonly #terminals = new Map<EfiHandle, Terminal>();

  constructor(bs: EfiBootServices, agent: EfiHandle, quirks: Quirks) {
    this.#bs = bs;
    this.#agent = agent;
    this.#quirks = quirks;
  }

  supported(controller: EfiHandle, remaining?: DevicePath): EfiStatus {
    const [agent, by] = [this.#agent, EFI_OPEN_PROTOCOL_BY_DRIVER];
    const { status } = this.#bs.tryOpenProtocol(
      controller,
      SerialIoProtocol,
      agent,
      controller,
      by,
    );
    // it has a line already, and may still be asked for a terminal
    if (status === 'EFI_ALREADY_STARTED') {
      return this.#terminals.has(controller) ? status : 'EFI_SUCCESS';
    }
    if (status !== 'EFI_SUCCESS') return status;
    this.#close(controller);
    return isTerminal(remaining) ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
  }

  start(controller: EfiHandle, remaining?: DevicePath): void {
    const bs = this.#bs;
    unwinding((unwind) => {
      const line = this.#lineOf(controller, unwind);
      if (remaining !== undefined && isDevicePathEnd(remaining)) return;
      const parent = bs.openProtocol(
        controller,
        DevicePathProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_GET_PROTOCOL,
      );
      const input = new TerminalInput(bs, line, this.#quirks);
      unwind.push(() => input.close());
      const output = new TerminalOutput(line, this.#quirks);
      const interfaces = [
        protocolInterface(DevicePathProtocol, appendDevicePathNode(parent, TERMINAL_NODE)),
        protocolInterface(SimpleTextInputProtocol, input),
        protocolInterface(SimpleTextInputExProtocol, input),
        protocolInterface(SimpleTextOutputProtocol, output),
      ];
      const handle = bs.installMultipleProtocolInterfaces(undefined, ...interfaces);
      const remove = (): void => {
        bs.closeProtocol(controller, SerialIoProtocol, this.#agent, handle);
        try {
          bs.uninstallMultipleProtocolInterfaces(handle, ...interfaces);
        } catch (caught) {
          // somebody holds on to it: it stays a child
          this.#openForChild(controller, handle);
          throw caught;
        }
        input.close();
      };
      this.#openForChild(controller, handle);
      this.#terminals.set(controller, { handle, remove });
    });
  }

  stop(controller: EfiHandle, children: readonly EfiHandle[]): void {
    const terminal = this.#terminals.get(controller);
    if (children.length === 0) {
      if (terminal !== undefined) {
        throw new EfiError('EFI_DEVICE_ERROR', 'the line still has a terminal');
      }
      this.#lines.delete(controller);
      this.#close(controller);
      return;
    }
    if (terminal === undefined || children.some((child) => child !== terminal.handle)) {
      throw new EfiError('EFI_DEVICE_ERROR', 'a child that is not the terminal of this line');
    }
    terminal.remove();
    this.#terminals.delete(controller);
  }

  /** The line that the driver has, or takes. */
  #lineOf(controller: EfiHandle, unwind: Unwind): SerialLine {
    const there = this.#lines.get(controller);
    if (there !== undefined) return there;
    const [agent, by] = [this.#agent, EFI_OPEN_PROTOCOL_BY_DRIVER];
    const io = this.#bs.openProtocol(controller, SerialIoProtocol, agent, controller, by);
    const line = new SerialLine(io);
    this.#lines.set(controller, line);
    unwind.push(() => {
      this.#lines.delete(controller);
      this.#close(controller);
    });
    return line;
  }

  #openForChild(controller: EfiHandle, child: EfiHandle): void {
    const [agent, attributes] = [this.#agent, EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER];
    this.#bs.openProtocol(controller, SerialIoProtocol, agent, child, attributes);
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, SerialIoProtocol, this.#agent, controller);
  }
}
