import type { DevicePathNode } from '../node.ts';
import type { NodeArguments } from './node-arguments.ts';
import type { NodePrinter } from './node-printer.ts';

/** How one kind of node is written: `Name(argument,argument)` (UEFI §10.6.1.6). */
export interface NodeText {
  readonly name: string;
  readonly type: number;
  readonly subType: number;
  /** In bytes, of a node that can be written so; absent if that varies. */
  readonly length?: number;
  /** In bytes, of the shortest node that can be written so. */
  readonly minimumLength?: number;
  /** Whether EDK II has no name for it. */
  readonly unknownToEdk2?: boolean;
  /** The arguments; `undefined` if this form is not the node's. */
  print(node: NodePrinter): readonly string[] | undefined;
  /** The node that the arguments describe; absent of a form for display only. @throws EFI_INVALID_PARAMETER */
  parse?(args: NodeArguments): DevicePathNode;
}
