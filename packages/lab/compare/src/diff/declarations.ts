import type { DifferenceData, Scenario } from '@dxelab/scenario';
import { problemText } from '@dxelab/scenario';
import type { Pair } from '../comparison.ts';
import type { Fact, RecordedEvent } from '../recording/recording.ts';

/** What a scenario allows to differ, and which of it did. */
export class Declarations {
  readonly #declared: readonly DifferenceData[];
  readonly #source: Scenario['source'];
  readonly #occurred = new Set<DifferenceData>();

  constructor({ differences, source }: Pick<Scenario, 'differences' | 'source'>) {
    this.#declared = differences;
    this.#source = source;
  }

  /** Where the scenario declares what did not occur, one text for each. */
  get unused(): readonly string[] {
    return this.#declared.flatMap((declared, index) => {
      if (this.#occurred.has(declared)) return [];
      const message = `the machines do not differ so (${declared.reason})`;
      return problemText(this.#source.problem(['differences', index], message));
    });
  }

  /** Why an event may be there on one machine alone; `undefined` if it may not. */
  reasonForEvent(device: string, event: RecordedEvent): string | undefined {
    return this.#reason((declared) => allows(declared, device, event, 'descriptors'));
  }

  /** Why a fact of an event may differ. */
  reasonForFact(
    device: string,
    event: RecordedEvent,
    facts: Pair<Fact | undefined>,
  ): string | undefined {
    const part = (facts[0] ?? facts[1])?.part;
    if (part === 'bits') return this.#reasonForBits(device, event, facts);
    return this.#reason((declared) => allows(declared, device, event, part));
  }

  /** Why a function of the chipset may be there, or be another one. */
  reasonForFunction(slot: string): string | undefined {
    return this.#reason(
      (declared) => declared.kind === 'chipset' && (declared.slots?.includes(slot) ?? true),
    );
  }

  /** Why a result of the boot may differ. */
  reasonForResult(result: string): string | undefined {
    return this.#reason((declared) => declared.kind === 'boot' && declared.result === result);
  }

  /** Each bit that differs must be declared by somebody. */
  #reasonForBits(
    device: string,
    event: RecordedEvent,
    [first, second]: Pair<Fact | undefined>,
  ): string | undefined {
    const differing = (first?.bits ?? 0n) ^ (second?.bits ?? 0n);
    let left = differing;
    const reasons: string[] = [];
    for (const declared of this.#declared) {
      if (declared.kind === 'register' && isMeant(declared, device, event.name)) {
        this.#occurred.add(declared);
        return declared.reason;
      }
      if (declared.kind !== 'features' || !matches(declared.device, device)) continue;
      const bits = declared.bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
      if ((bits & differing) === 0n) continue;
      this.#occurred.add(declared);
      reasons.push(declared.reason);
      left &= ~bits;
    }
    return left === 0n ? reasons.join('; ') : undefined;
  }

  #reason(isDeclared: (declared: DifferenceData) => boolean): string | undefined {
    const declared = this.#declared.find((candidate) => isDeclared(candidate));
    if (declared === undefined) return undefined;
    this.#occurred.add(declared);
    return declared.reason;
  }
}

function isMeant(
  declared: { readonly device: string; readonly name: string },
  device: string,
  name: string,
): boolean {
  return matches(declared.device, device) && matches(declared.name, name);
}

/** Whether an event's part may differ, or the whole of it be there on one machine only: its descriptors. */
function allows(
  declared: DifferenceData,
  device: string,
  event: RecordedEvent,
  part: Fact['part'] | undefined,
): boolean {
  if (declared.kind === 'register' || declared.kind === 'call') {
    return declared.kind === event.kind && isMeant(declared, device, event.name);
  }
  if (declared.kind !== 'request' || declared.kind !== event.kind) return false;
  const isQueue = declared.queue === undefined || event.name === `queue ${declared.queue}`;
  const isPart = declared.part === part && isQueue && matches(declared.device, device);
  return isPart && isCommandMeant(declared, event);
}

/** Whether a declaration is for all requests, or for this SCSI command to this unit. */
function isCommandMeant(
  { command, unit }: DifferenceData & { readonly kind: 'request' },
  event: RecordedEvent,
): boolean {
  if (command === undefined && unit === undefined) return true;
  const sent = event.command;
  return (
    sent !== undefined && matches(command ?? '*', sent.name) && matches(unit ?? '*', sent.unit)
  );
}

/** Whether a pattern, in which `*` stands for anything, means a name. */
function matches(pattern: string, name: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return name === pattern;
  let from = start.length;
  if (!name.startsWith(start) || name.length < start.length + end.length) return false;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.endsWith(end) && from <= name.length - end.length;
}
