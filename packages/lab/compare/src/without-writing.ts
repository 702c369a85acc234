import type { Scenario } from '@dxelab/scenario';

/** The same scenario, in which what guests write is forgotten: disks of every device, and behind it, and variables. */
export function withoutWriting(scenario: Scenario): Scenario {
  const { machine, firmware } = scenario;
  const { variables } = firmware;
  const isFile = variables !== undefined && 'file' in variables;
  return {
    ...scenario,
    machine: { ...machine, devices: machine.devices.map(protectedPart) },
    firmware: isFile ? { ...firmware, variables: protectedPart(variables) } : firmware,
  };
}

/** A device, or what stands behind one: whatever it is, `writable` is how it says that it can be written. */
function protectedPart<Part extends object>(part: Part): Part {
  const changes: [string, unknown][] = [];
  for (const [name, value] of Object.entries(part)) {
    if (name === 'writable') changes.push([name, false]);
    else if (Array.isArray(value)) changes.push([name, value.map(protectedItem)]);
  }
  return { ...part, ...Object.fromEntries(changes) };
}

function protectedItem(item: unknown): unknown {
  return typeof item === 'object' && item !== null ? protectedPart(item) : item;
}
