/** Something that needs a range of addresses. */
export interface LayOutNode {
  /** In bytes, or ports; above 0. */
  readonly length: number;
  /** In bytes; a power of two. */
  readonly alignment: number;
}

/** Nodes one after another in a range of their own. */
export interface LayOut<Node extends LayOutNode> {
  readonly length: number;
  /** Of the range, so that every node in it is aligned. */
  readonly alignment: number;
  readonly placed: readonly { readonly node: Node; readonly offset: number }[];
}

/**
 * Packs nodes, those with the largest alignment first, which leaves the fewest gaps.
 * PciResourceSupport.c: InsertResourceNode, CalculateResourceAperture.
 * @param granularity of the range that holds them: a bridge's window, or 1
 */
export function layOut<Node extends LayOutNode>(
  nodes: readonly Node[],
  granularity: number,
): LayOut<Node> {
  const placed: { node: Node; offset: number }[] = [];
  let end = 0;
  let alignment = granularity;
  for (const node of nodes.toSorted((a, b) => b.alignment - a.alignment)) {
    const offset = alignUp(end, node.alignment);
    placed.push({ node, offset });
    end = offset + node.length;
    alignment = Math.max(alignment, node.alignment);
  }
  return { length: alignUp(end, granularity), alignment, placed };
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
