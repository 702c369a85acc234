import type { Guid } from '../../guid.ts';
import { EfiError, isEfiFailure } from '../../status/efi-error.ts';
import { bytesEqual } from '../../bytes.ts';
import type { DevicePathNode } from '../node.ts';
import { DEVICE_PATH_HEADER_LENGTH, devicePathSubType, devicePathType, packNode } from '../node.ts';
import type { FieldValue } from './field-codec.ts';
import { FieldReader, writeField } from './field-codec.ts';
import type { NodeLayout } from './node-layouts.ts';
import { NODE_LAYOUTS } from './node-layouts.ts';

type Layouts = typeof NODE_LAYOUTS;

/** The names of the nodes of UEFI §10.3. */
export type NodeKind = keyof Layouts;

/** What a field of a layout holds. */
type ValueOf<Layout> = Layout extends 'uint8' | 'uint16' | 'uint32'
  ? number
  : Layout extends 'uint64'
    ? bigint
    : Layout extends 'uint32s'
      ? readonly number[]
      : Layout extends 'guid'
        ? Guid
        : Layout extends `char${string}` | 'utf8z'
          ? string
          : Uint8Array;

/** The fields of one kind of node. */
export type FieldsOf<Kind extends NodeKind> = { readonly kind: Kind } & {
  readonly [Name in keyof Layouts[Kind]['fields']]: ValueOf<Layouts[Kind]['fields'][Name]>;
};

/** A node that the specification does not know, or that has not the form that it asks for. */
export interface OtherNode {
  readonly kind: 'Other';
  readonly type: number;
  readonly subType: number;
  readonly data: Uint8Array;
}

/** A device path node as its fields: `{ kind: 'Pci', function: 0, device: 2 }`. */
export type NodeFields = { [Kind in NodeKind]: FieldsOf<Kind> }[NodeKind] | OtherNode;

const LAYOUTS: ReadonlyMap<string, NodeLayout> = new Map<string, NodeLayout>(
  Object.entries(NODE_LAYOUTS),
);

/** The fields of a node. Whatever the node is, `writeNodeFields` gives back the same bytes. */
export function readNodeFields(node: DevicePathNode): NodeFields {
  const [type, subType] = [devicePathType(node), devicePathSubType(node)];
  for (const [kind, layout] of LAYOUTS) {
    if (layout.type !== type || layout.subType !== subType) continue;
    const fields = readAs(kind, layout, node);
    if (fields !== undefined) return fields;
  }
  return { kind: 'Other', type, subType, data: node.slice(DEVICE_PATH_HEADER_LENGTH) };
}

/**
 * The node that has these fields.
 * @throws EFI_INVALID_PARAMETER for a value that does not fit its field
 */
export function writeNodeFields(node: NodeFields): DevicePathNode {
  if (node.kind === 'Other') return packNode(node.type, node.subType, node.data);
  const { type, subType, fields }: NodeLayout = NODE_LAYOUTS[node.kind];
  const values: Readonly<Record<string, FieldValue | undefined>> = node;
  const packed = Object.entries(fields).map(([name, layout]) => {
    const value = values[name];
    const bytes = value === undefined ? undefined : writeField(layout, value);
    if (bytes !== undefined) return bytes;
    throw new EfiError('EFI_INVALID_PARAMETER', `${node.kind}: ${name} is no ${layout}`);
  });
  return packNode(type, subType, ...packed);
}

/** The fields by a layout, if nothing of the node is lost in them. */
function readAs(kind: string, layout: NodeLayout, node: DevicePathNode): NodeFields | undefined {
  const reader = new FieldReader(node.subarray(DEVICE_PATH_HEADER_LENGTH));
  const fields: Record<string, FieldValue> = { kind };
  for (const [name, field] of Object.entries(layout.fields)) {
    const value = reader.read(field);
    if (value === undefined) return undefined;
    fields[name] = value;
  }
  return isNodeFields(fields) && isSame(fields, node) ? fields : undefined;
}

/** Whether a kind of the table is named: its fields were read as the table says. */
function isNodeFields(fields: object): fields is NodeFields {
  return 'kind' in fields && typeof fields.kind === 'string' && LAYOUTS.has(fields.kind);
}

function isSame(fields: NodeFields, node: DevicePathNode): boolean {
  try {
    return bytesEqual(writeNodeFields(fields), node);
  } catch (caught) {
    if (isEfiFailure(caught)) return false;
    throw caught;
  }
}
