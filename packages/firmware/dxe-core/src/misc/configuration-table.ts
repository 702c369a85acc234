import type { Guid } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { EventServices } from '../event/event-services.ts';

/** InstallConfigurationTable (UEFI §7.5.6). MdeModulePkg/Core/Dxe/Misc/InstallConfigurationTable.c. */
export class ConfigurationTable {
  readonly tables: Map<Guid, unknown> = new Map();
  readonly #events: EventServices;

  readonly #changed: () => void;

  /** @param changed the table is another now, and nobody has been told yet */
  constructor(events: EventServices, changed: () => void) {
    this.#events = events;
    this.#changed = changed;
  }

  /**
   * Adds, replaces, or, without a table, removes an entry; then signals the group of its GUID.
   * @throws EFI_NOT_FOUND if what is to be removed is not there
   */
  install(guid: Guid, table: unknown): void {
    if (table !== undefined && table !== null) this.tables.set(guid, table);
    else if (!this.tables.delete(guid)) {
      throw new EfiError('EFI_NOT_FOUND', `there is no configuration table ${guid} to remove`);
    }
    this.#changed();
    this.#events.signalGroup(guid);
  }
}
