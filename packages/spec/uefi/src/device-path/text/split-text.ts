/**
 * Cuts the text of a device path: a comma outside parentheses ends an instance, a slash a node. Empty
 * nodes are left out, as EDK II does, which itself writes `,/` between instances.
 * @param endsAtUnclosed whether a node whose parenthesis is not closed is left out, as EDK II does
 * @returns the instances, each as the texts of its nodes
 */
export function splitDevicePathText(
  text: string,
  endsAtUnclosed = false,
): readonly (readonly string[])[] {
  const instances: string[][] = [];
  let nodes: string[] = [];
  let depth = 0;
  let begin = 0;
  const endNode = (end: number): void => {
    if (end > begin) nodes.push(text.slice(begin, end));
    begin = end + 1;
  };
  const endInstance = (): void => {
    if (nodes.length > 0) instances.push(nodes);
    nodes = [];
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0 && (character === '/' || character === ',')) {
      endNode(index);
      if (character === ',') endInstance();
    }
  }
  // What is not closed reaches to the end of the text: it is always the last node.
  if (depth === 0 || !endsAtUnclosed) endNode(text.length);
  endInstance();
  return instances;
}

/** Cuts the arguments of a node at their commas; between quotation marks a comma is a character. */
export function splitArguments(text: string): readonly string[] {
  if (text === '') return [];
  const args: string[] = [];
  let begin = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '"') quoted = !quoted;
    if (text[index] !== ',' || quoted) continue;
    args.push(text.slice(begin, index));
    begin = index + 1;
  }
  args.push(text.slice(begin));
  return args;
}
