import type { DxeCore } from '@dxelab/dxe-core';
import { tracePlatform } from '@dxelab/platform';
import { createTracer } from '@dxelab/trace';
import type { PreparedBoot } from '../prepare/prepare-scenario.ts';
import { qemuMachineType } from '../qemu-machine-type.ts';
import type { BootOutcome, BootReport } from '../report/boot-report.ts';
import { deviceTree } from '../report/device-tree.ts';
import { driverTroubles } from '../report/driver-troubles.ts';
import { judge } from '../report/judge.ts';
import type { MachineData } from '../scenario.ts';
import { BootRecord } from './boot-record.ts';
import { buildFirmware } from './build-firmware.ts';
import { FirmwareWatch } from './firmware-watch.ts';
import { NegotiationWatch } from './negotiation-watch.ts';
import type { BootObservers } from './observers.ts';
import { outcomeOf } from './outcome.ts';
import { PhaseClock } from './phase-clock.ts';
import { runSteps } from './run-steps.ts';
import { switchOn } from './switch-on.ts';
import type { RunningMachine } from './switch-on.ts';

const MIB = 2 ** 20;

/** A world, as far as it has come. */
interface World {
  machine: RunningMachine | undefined;
  core: DxeCore | undefined;
}

/** Boots, from power-on to the end of the world, and says what happened. Nothing is thrown. */
export function boot(prepared: PreparedBoot, observers: BootObservers = {}): BootReport {
  const { trace: sink, traceFilter: filter, onPhase, wallClock = Date.now } = observers;
  const { instrument, live } = observers;
  const { scenario } = prepared;
  const { firmware, machine: description, steps } = scenario;
  const world: World = { machine: undefined, core: undefined };
  const now = (): number => world.machine?.platform.cycles.now ?? 0;
  const record = new BootRecord(now, observers);
  const phases = new PhaseClock({ virtual: now, wall: wallClock }, onPhase);
  const trace = sink === undefined ? undefined : createTracer(sink, { now, filter });
  const { onWork } = observers;
  const negotiations = new NegotiationWatch();
  const others = [trace, instrument?.tracer, negotiations.tracer];
  const watch = new FirmwareWatch(phases, { others, onWork });

  function run(): BootOutcome {
    try {
      phases.enter('machine');
      const machine = (world.machine = switchOn(prepared, record, trace, live));
      const traced =
        observers.traceWaist === true && trace !== undefined
          ? tracePlatform(machine.platform, trace)
          : machine.platform;
      const platform = instrument?.wrap(traced) ?? traced;
      const { mayBeTyped } = machine;
      const core = buildFirmware(prepared, platform, record, watch.tracer, mayBeTyped);
      world.core = core;
      instrument?.attach(core);
      phases.enter('dispatch');
      runSteps(steps, core, () => watch.startBooting());
      return { kind: 'completed', message: 'all steps were done', details: {} };
    } catch (caught) {
      return outcomeOf(caught, watch.culprit);
    }
  }

  const outcome = run();
  world.machine?.switchOff();
  const facts: Omit<BootReport, 'expectations'> = {
    scenario: { file: scenario.source.file, name: scenario.name },
    machine: machineText(description),
    clock: description.kind === 'qemu' || live !== undefined ? 'real' : 'virtual',
    profile: firmware.profile,
    outcome,
    phases: phases.phases(),
    virtualTime: now(),
    accesses: world.machine?.platform.cycles.accesses ?? 0,
    interrupts: world.core?.interrupts() ?? { taken: 0, deepest: 0 },
    handles: world.core === undefined ? [] : deviceTree(world.core, negotiations),
    attempts: record.attempts,
    variables: record.variables,
    troubles: world.core === undefined ? [] : driverTroubles(world.core),
    findings: record.findings,
    debug: record.debug,
    console: record.console,
  };
  sink?.end();
  return {
    ...facts,
    expectations: scenario.expect.map((expectation) => judge(expectation, facts)),
  };
}

function machineText(machine: MachineData): string {
  const type = machine.kind === 'qemu' ? ` ${qemuMachineType(machine)}` : '';
  return `${machine.kind}${type}, ${machine.memory / MIB} MiB`;
}
