import { MachineSetupError } from '@dxelab/emulated-machine';

/** Who a unit says it is (SPC-6). */
export interface UnitIdentityOptions {
  /** As reports and traces show it. */
  readonly name?: string;
  /** Up to 8, 16 and 4 printable characters of ASCII. */
  readonly vendor?: string;
  readonly product?: string;
  readonly revision?: string;
  /** The unit serial number: up to 36 printable characters of ASCII. Default: none. */
  readonly serial?: string;
  /** A worldwide name of 64 bits, as an NAA identifier (SPC-6). Default: none. */
  readonly wwn?: bigint;
}

/** The same with every default in its place. */
export interface UnitIdentity {
  readonly name: string;
  /** SCSI_TYPE_*. */
  readonly deviceType: number;
  readonly removable: boolean;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serial: string;
  readonly wwn: bigint | undefined;
}

/**
 * Fills in the defaults.
 * @throws MachineSetupError for what has no room in INQUIRY data
 */
export function unitIdentity(
  options: UnitIdentityOptions,
  kind: { name: string; deviceType: number; removable: boolean; product: string },
): UnitIdentity {
  const { wwn } = options;
  const name = options.name ?? kind.name;
  if (wwn !== undefined && wwn !== BigInt.asUintN(64, wwn)) refuse(name, 'wwn', '64 bits', wwn);
  return {
    name,
    deviceType: kind.deviceType,
    removable: kind.removable,
    vendor: text(name, 'vendor', options.vendor ?? 'dxelab', 8),
    product: text(name, 'product', options.product ?? kind.product, 16),
    revision: text(name, 'revision', options.revision ?? '1', 4),
    serial: text(name, 'serial', options.serial ?? '', 36),
    wwn,
  };
}

function text(name: string, option: string, value: string, most: number): string {
  if (value.length <= most && /^[\x20-\x7e]*$/.test(value)) return value;
  return refuse(name, option, `up to ${most} printable characters of ASCII`, `'${value}'`);
}

/** @throws MachineSetupError that says what was expected and what came */
export function refuse(
  name: string,
  option: string,
  expected: string,
  came: string | number | bigint | boolean,
): never {
  throw new MachineSetupError(`${name}: ${option} must be ${expected}; it is ${came}`);
}

/** @throws MachineSetupError unless the option is a whole number within its limits */
export function integer(
  name: string,
  option: string,
  value: number,
  least: number,
  most: number,
): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(name, option, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}
