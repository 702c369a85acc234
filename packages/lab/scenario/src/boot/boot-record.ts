import type { BootAttempt } from '@dxelab/bds-dxe';
import type { DebugRecord } from '@dxelab/dxe-core';
import type { MachineFinding } from '@dxelab/emulated-machine';
import type { VariableServices } from '@dxelab/variable-runtime-dxe';
import type { DebugMessage, ReportedFinding, ReportedVariable } from '../report/boot-report.ts';
import { reportVariable } from '../report/report-variable.ts';
import { Utf8Decoder } from '../report/utf8-decoder.ts';
import type { BootObservers } from './observers.ts';

/** A driver that loops can say things without end; beyond so many they are forgotten. */
const MAX_MESSAGES = 10_000;
const MAX_FINDINGS = 1000;
const MAX_CONSOLE = 2 ** 20;

/** Gathers, during a boot, what its report will say. */
export class BootRecord {
  readonly attempts: BootAttempt[] = [];
  readonly debug: DebugMessage[] = [];
  readonly #findings = new Map<string, ReportedFinding>();
  #variables: Pick<VariableServices, 'variables'> | undefined;
  readonly #console: string[] = [];
  readonly #decoder: Utf8Decoder;
  readonly #now: () => number;
  readonly #observers: BootObservers;

  /**
   * @param now virtual time, in nanoseconds
   * @param observers who hears of everything as it happens
   */
  constructor(now: () => number, observers: BootObservers = {}) {
    this.#now = now;
    this.#observers = observers;
    this.#decoder = new Utf8Decoder((character) => {
      if (this.#console.length < MAX_CONSOLE) this.#console.push(character);
      observers.onConsole?.(character);
    });
  }

  get console(): string {
    return this.#console.join('');
  }

  get findings(): readonly ReportedFinding[] {
    return [...this.#findings.values()];
  }

  /** As they are at this moment. */
  get variables(): readonly ReportedVariable[] {
    return Array.from(this.#variables?.variables ?? [], reportVariable);
  }

  /** Variables can be had from now on. */
  watchVariables(services: Pick<VariableServices, 'variables'>): void {
    this.#variables = services;
  }

  /** A byte left the serial port. */
  serial(byte: number): void {
    this.#observers.onSerial?.(byte);
    this.#decoder.write(byte);
  }

  message(record: DebugRecord): void {
    this.#observers.onDebug?.(record);
    if (this.debug.length < MAX_MESSAGES) this.debug.push({ ...record });
  }

  /** The same again is only counted. */
  finding(finding: MachineFinding): void {
    this.#observers.onFinding?.(finding);
    const { rule, device, message, fields } = finding;
    const key = `${rule}\n${device}\n${message}`;
    const before = this.#findings.get(key);
    if (before === undefined && this.#findings.size >= MAX_FINDINGS) return;
    this.#findings.set(key, {
      ...(before ?? { rule, device, message, fields, virtualTime: this.#now() }),
      count: (before?.count ?? 0) + 1,
    });
  }
}
