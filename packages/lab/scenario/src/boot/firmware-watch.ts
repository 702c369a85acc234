import type { Tracer } from '@dxelab/platform';
import type { PhaseClock } from './phase-clock.ts';

/** The events that end somebody's work, and how a report calls that work. */
const WORK: Readonly<Record<string, string>> = {
  start_image_end: 'the entry point of',
  driver_binding_supported: 'Supported() of',
  driver_binding_start_end: 'Start() of',
  driver_binding_stop_end: 'Stop() of',
};

/**
 * Follows the firmware's trace events: which phase of the boot it is in, and who was at work when the
 * world ended. It passes them on to whoever else wants to hear of them.
 */
export class FirmwareWatch {
  readonly tracer: Tracer;
  readonly #phases: PhaseClock;
  /** Depth of ConnectController within itself: bus drivers are connected from within. */
  #connecting = 0;
  #booting = false;
  #culprit: string | undefined;

  /** @param others who else is told of the events */
  constructor(phases: PhaseClock, others: readonly (Tracer | undefined)[] = []) {
    this.#phases = phases;
    const listeners = others.filter((other) => other !== undefined);
    this.tracer = (name, fields) => {
      for (const listener of listeners) listener(name, fields);
      if (this.#booting) this.#followPhase(name);
      const work = WORK[name];
      if (work !== undefined) this.#blame(work, fields);
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

  /** Whoever ended without a status is who threw, or was at work; the innermost comes first. */
  #blame(work: string, fields: object): void {
    if (this.#culprit !== undefined) return;
    const known = new Map<string, unknown>(Object.entries(fields));
    if (known.get('status') !== undefined) return;
    const controller = known.get('controller');
    const where = typeof controller === 'number' ? ` on handle ${controller}` : '';
    this.#culprit = `${work} ${String(known.get('driver') ?? known.get('image'))}${where}`;
  }
}
