import { uartNode } from '../messaging-nodes.ts';
import { MESSAGING_DEVICE_PATH, MSG_UART_DP } from '../node-types.ts';
import type { NodeText } from './node-text.ts';

/** By their numbers. */
const PARITIES = ['D', 'N', 'E', 'O', 'M', 'S'];
const STOP_BITS = ['D', '1', '1.5', '2'];

/** What the keyword DEFAULT stands for in a text; in a node, 0 leaves the choice to the device. */
const DEFAULT_BAUD_RATE = { DEFAULT: 115200 };
const DEFAULT_DATA_BITS = { DEFAULT: 8 };

/** `Uart(115200,8,N,1)` (UEFI §10.6.1.6). */
export const UART_TEXT: NodeText = {
  name: 'Uart',
  type: MESSAGING_DEVICE_PATH,
  subType: MSG_UART_DP,
  length: 19,
  print(node): readonly string[] {
    // EDK II writes 0 as DEFAULT, which does not lead back to 0.
    const number = (value: number | bigint): string =>
      node.options.edk2 === true && BigInt(value) === 0n ? 'DEFAULT' : value.toString();
    return [
      number(node.uint64(8)),
      number(node.uint8(16)),
      PARITIES[node.uint8(17)] ?? 'x',
      STOP_BITS[node.uint8(18)] ?? 'x',
    ];
  },
  parse: (args) =>
    uartNode(
      args.keyword(DEFAULT_BAUD_RATE, 115200),
      args.keyword(DEFAULT_DATA_BITS, 8),
      args.keyword(numbered(PARITIES), 0),
      args.keyword(numbered(STOP_BITS), 0),
    ),
};

function numbered(words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(words.map((word, index) => [word, index]));
}
