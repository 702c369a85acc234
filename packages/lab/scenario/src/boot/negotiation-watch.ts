import type { Tracer } from '@dxelab/platform';
import type { VirtioNegotiated } from '@dxelab/virtio-lib';

/** A Start that has begun, with what it has come to. */
interface Started {
  readonly driver: string;
  negotiated: VirtioNegotiated | undefined;
}

/** The events that are looked at: those of drivers, and what one says of its device while it starts. */
const EVENTS: ReadonlySet<string> = new Set([
  'driver_binding_start_begin',
  'driver_binding_start_end',
  'driver_binding_stop_end',
  'virtio_negotiated',
]);

/** Follows the firmware's trace events: what virtio drivers and their devices have agreed on. */
export class NegotiationWatch {
  readonly tracer: Tracer;
  /** The innermost last: a bus driver's Start can connect what it has found. */
  readonly #starting: Started[] = [];
  /** By the number of the controller. */
  readonly #running = new Map<number, Started>();

  constructor() {
    this.tracer = (name, fields) => {
      if (EVENTS.has(name)) this.#hear(name, new Map<string, unknown>(Object.entries(fields)));
    };
  }

  /** What the driver of a controller has agreed on with its device; absent if nobody says so. */
  of(controller: number): VirtioNegotiated | undefined {
    return this.#running.get(controller)?.negotiated;
  }

  #hear(name: string, fields: ReadonlyMap<string, unknown>): void {
    const text = (key: string): string => String(fields.get(key));
    const controller = Number(fields.get('controller'));
    const succeeded = fields.get('status') === 'EFI_SUCCESS';
    if (name === 'driver_binding_start_begin') {
      this.#starting.push({ driver: text('driver'), negotiated: undefined });
    } else if (name === 'virtio_negotiated') {
      const [features, offered, ring] = [text('features'), text('offered'), text('ring')];
      const starting = this.#starting.at(-1);
      if (starting !== undefined) starting.negotiated = { features, offered, ring };
    } else if (name === 'driver_binding_start_end') {
      const started = this.#starting.pop();
      if (succeeded && started?.negotiated !== undefined) this.#running.set(controller, started);
    } else if (succeeded && this.#running.get(controller)?.driver === text('driver')) {
      this.#running.delete(controller);
    }
  }
}
