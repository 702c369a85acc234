import type { Tracer } from '@dxelab/platform';
import type { BootObservers } from './observers.ts';
import type { PhaseClock } from './phase-clock.ts';

/** How a report calls work that begins and ends with events of this name. */
const WORK: Readonly<Record<string, string>> = {
  start_image: 'the entry point of',
  driver_binding_supported: 'Supported() of',
  driver_binding_start: 'Start() of',
  driver_binding_stop: 'Stop() of',
};
/** The same by the name of the event. */
const BEGINS = new Map(Object.entries(WORK).map(([name, work]) => [`${name}_begin`, work]));
const ENDS = new Map(Object.entries(WORK).map(([name, work]) => [`${name}_end`, work]));

/** Who wants to hear what a watch notices. */
interface Listeners {
  /** Who else is told of the events. */
  readonly others?: readonly (Tracer | undefined)[];
  readonly onWork?: BootObservers['onWork'];
}

/**
 * Follows the firmware's trace events: which phase of the boot it is in, and who was at work when the
 * world ended. It passes them on to whoever else wants to hear of them.
 */
export class FirmwareWatch {
  readonly tracer: Tracer;
  readonly #phases: PhaseClock;
  readonly #onWork: BootObservers['onWork'];
  /** Who is at work, outermost first: a driver connects controllers from its Start. */
  readonly #working: string[] = [];
  /** Depth of ConnectController within itself: bus drivers are connected from within. */
  #connecting = 0;
  #booting = false;
  #culprit: string | undefined;

  constructor(phases: PhaseClock, { others = [], onWork }: Listeners = {}) {
    this.#phases = phases;
    this.#onWork = onWork;
    const listeners = others.filter((other) => other !== undefined);
    this.tracer = (name, fields) => {
      for (const listener of listeners) listener(name, fields);
      if (this.#booting) this.#followPhase(name);
      const begun = BEGINS.get(name);
      if (begun !== undefined) this.#begin(begun, fields);
      const ended = ENDS.get(name);
      if (ended !== undefined) this.#end(ended, fields);
    };
  }

  /** Who was at work when something other than a status came through; absent if nobody was. */
  get culprit(): string | undefined {
    return this.#culprit;
  }

  /** Dispatching is over: from now on, what happens is the boot. */
  startBooting(): void {
    this.#booting = true;
    this.#phases.enter('load');
  }

  #followPhase(name: string): void {
    if (name === 'connect_controller_begin') this.#connecting++;
    else if (name === 'connect_controller_end') this.#connecting--;
    else if (name !== 'start_image_begin' && name !== 'start_image_end') return;
    if (this.#connecting > 0) this.#phases.enter('connect');
    else this.#phases.enter(name === 'start_image_begin' ? 'image' : 'load');
  }

  #begin(work: string, fields: object): void {
    if (this.#onWork === undefined) return;
    this.#working.push(workText(work, fields));
    this.#onWork(this.#working.at(-1));
  }

  #end(work: string, fields: object): void {
    // Whoever ended without a status is who threw, or was at work; the innermost comes first.
    const returned = 'status' in fields && fields.status !== undefined;
    if (!returned) this.#culprit ??= workText(work, fields);
    this.#working.pop();
    this.#onWork?.(this.#working.at(-1));
  }
}

/** Whose work it is, and on which controller. */
function workText(work: string, fields: object): string {
  const known = new Map<string, unknown>(Object.entries(fields));
  const controller = known.get('controller');
  const where = typeof controller === 'number' ? ` on handle ${controller}` : '';
  return `${work} ${String(known.get('driver') ?? known.get('image'))}${where}`;
}
