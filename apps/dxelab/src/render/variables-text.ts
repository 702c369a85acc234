import { EFI_GLOBAL_VARIABLE, EFI_IMAGE_SECURITY_DATABASE_GUID, type Guid } from '@dxelab/uefi';
import type { DescribedStore, DescribedVariable } from '../vars/describe-variable.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** Who else is met in stores of real firmware. */
const VENDORS: ReadonlyMap<Guid, string> = new Map([
  [EFI_GLOBAL_VARIABLE, 'UEFI'],
  [EFI_IMAGE_SECURITY_DATABASE_GUID, 'image security database'],
  ['eb704011-1402-11d3-8e77-00a0c969723b', 'monotonic count'],
  ['4c19049f-4137-4dd3-9c10-8b97a83ffdfa', 'memory type information'],
  ['d9bee56e-75dc-49d9-b4d7-b534210f637a', 'certificate databases'],
  ['77fa9abd-0359-4d32-bd60-28f4e78f784b', 'Microsoft'],
]);
const SHOWN_BYTES = 16;
const BYTES_PER_LINE = 16;

/** The variables of a store, those of a vendor together. */
export function storeText(store: DescribedStore, style: Style): string {
  const { file, variables, used, capacity } = store;
  const room = `${kib(used)} of ${kib(capacity)} KiB used`;
  const count = variables.length === 1 ? '1 variable' : `${variables.length} variables`;
  const vendors = [...new Set(variables.map(({ vendor }) => vendor))];
  const lines = [
    `${style.heading(file)}  ${style.faint(`${count}, ${room}`)}`,
    ...vendors.flatMap((vendor) => [
      '',
      style.heading(vendorText(vendor)),
      ...variables.filter((each) => each.vendor === vendor).map((each) => line(each, style)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** All about one variable. */
export function variableText(variable: DescribedVariable, style: Style): string {
  const { name, vendor, attributes, size, value, data } = variable;
  const lines = [
    style.heading(printable(name)),
    `  vendor      ${vendorText(vendor)}`,
    `  attributes  ${attributes.join(',')}`,
    `  size        ${size} bytes`,
    ...(value === undefined ? [] : [`  value       ${style.name(printable(value))}`]),
    '',
    ...dump(data).map((each) => `  ${style.faint(each)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function line({ name, attributes, size, value, data }: DescribedVariable, style: Style): string {
  const shown = value === undefined ? style.faint(beginning(data)) : printable(value);
  const head = `  ${style.name(printable(name).padEnd(24))} ${attributes.join(',').padEnd(11)}`;
  return `${head} ${String(size).padStart(6)}  ${shown}`;
}

function beginning(data: string): string {
  const shown = pairs(data).slice(0, SHOWN_BYTES).join(' ');
  return data.length > SHOWN_BYTES * 2 ? `${shown} …` : shown;
}

/** As hexdump does it: offset, bytes, and what of them is ASCII. */
function dump(data: string): readonly string[] {
  const bytes = pairs(data);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const row = bytes.slice(at, at + BYTES_PER_LINE);
    const ascii = row.map((pair) => asciiOf(Number.parseInt(pair, 16))).join('');
    const offset = at.toString(16).padStart(4, '0');
    lines.push(`${offset}  ${row.join(' ').padEnd(BYTES_PER_LINE * 3)} ${ascii}`);
  }
  return lines;
}

function pairs(data: string): readonly string[] {
  return data.match(/../gu) ?? [];
}

function asciiOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

function vendorText(vendor: Guid): string {
  const name = VENDORS.get(vendor);
  return name === undefined ? vendor : `${vendor} (${name})`;
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
