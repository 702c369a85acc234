import type { Goal, Measurement } from './figure.ts';

/** One line of the table. */
export interface Benchmark {
  readonly name: string;
  readonly goal: Goal;
  /**
   * In how many processes it runs, one after the other; the median counts. What V8 makes of the same
   * code differs from process to process more than the figures of one process among themselves.
   */
  readonly processes: number;
  /** Flags of V8 for these processes. */
  readonly flags?: readonly string[];
  /** Only the process that runs a benchmark loads it. */
  load(): Promise<{ measure(run: number): Measurement | Promise<Measurement> }>;
}

/** In the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'read-512',
    goal: { of: 'ratio', atLeast: 0.12 },
    processes: 5,
    load: () => import('./benchmarks/read-512.ts'),
  },
  {
    name: 'read-64k',
    goal: { of: 'ratio', atLeast: 0.8 },
    processes: 5,
    load: () => import('./benchmarks/read-64k.ts'),
  },
  {
    name: 'read-512-bounced',
    goal: { of: 'ratio', atLeast: 0.06 },
    processes: 5,
    load: () => import('./benchmarks/read-512-bounced.ts'),
  },
  {
    name: 'read-64k-bounced',
    goal: { of: 'ratio', atLeast: 0.45 },
    processes: 5,
    load: () => import('./benchmarks/read-64k-bounced.ts'),
  },
  {
    name: 'mmio2-512',
    goal: { of: 'ratio', atLeast: 1 },
    processes: 5,
    load: () => import('./benchmarks/mmio2-512.ts'),
  },
  {
    name: 'pci-legacy-512',
    goal: { of: 'ratio', atLeast: 1 },
    processes: 5,
    load: () => import('./benchmarks/pci-legacy-512.ts'),
  },
  {
    name: 'rng-1m',
    goal: { of: 'value', atLeast: 100 },
    processes: 3,
    load: () => import('./benchmarks/rng-1m.ts'),
  },
  {
    name: 'scsi-512',
    goal: { of: 'ratio', atLeast: 0.5 },
    processes: 5,
    load: () => import('./benchmarks/scsi-512.ts'),
  },
  {
    name: 'scsi-scan',
    goal: { of: 'value', atMost: 50 },
    processes: 3,
    load: () => import('./benchmarks/scsi-scan.ts'),
  },
  {
    name: 'split-32',
    goal: { of: 'ratio', atLeast: 2 },
    processes: 3,
    load: () => import('./benchmarks/split-32.ts'),
  },
  {
    name: 'packed-32',
    goal: { of: 'ratio', atLeast: 1 },
    processes: 3,
    load: () => import('./benchmarks/packed-32.ts'),
  },
  {
    name: 'inorder-32',
    goal: { of: 'ratio', atLeast: 1.3 },
    processes: 3,
    load: () => import('./benchmarks/inorder-32.ts'),
  },
  {
    name: 'device-pop-push',
    goal: { of: 'value', atLeast: 10_000_000 },
    processes: 3,
    load: () => import('./benchmarks/device-pop-push.ts'),
  },
  {
    name: 'boot-warm',
    goal: { of: 'value', atMost: 20 },
    processes: 3,
    load: () => import('./benchmarks/boot-warm.ts'),
  },
  {
    name: 'boot-command',
    goal: { of: 'value', atMost: 500 },
    processes: 1,
    load: () => import('./benchmarks/boot-command.ts'),
  },
  {
    name: 'connect-1000',
    goal: { of: 'ratio', atMost: 2 },
    processes: 3,
    load: () => import('./benchmarks/connect-1000.ts'),
  },
  {
    name: 'locate-10000',
    goal: { of: 'ratio', atMost: 2 },
    processes: 3,
    load: () => import('./benchmarks/locate-10000.ts'),
  },
  {
    name: 'open-close',
    goal: { of: 'value', atLeast: 1_000_000 },
    processes: 3,
    load: () => import('./benchmarks/open-close.ts'),
  },
  {
    name: 'locate-buffer',
    goal: { of: 'ratio', atMost: 3 },
    processes: 3,
    load: () => import('./benchmarks/locate-buffer.ts'),
  },
  {
    name: 'signal-dispatch',
    goal: { of: 'ratio', atMost: 3 },
    processes: 3,
    load: () => import('./benchmarks/signal-dispatch.ts'),
  },
  {
    name: 'pages-100000',
    goal: { of: 'ratio', atMost: 3 },
    processes: 3,
    load: () => import('./benchmarks/pages-100000.ts'),
  },
  {
    name: 'variables-10000',
    goal: { of: 'ratio', atMost: 3 },
    processes: 3,
    load: () => import('./benchmarks/variables-10000.ts'),
  },
  {
    name: 'fat-read',
    goal: { of: 'value', atLeast: 1024 },
    processes: 3,
    load: () => import('./benchmarks/fat-read.ts'),
  },
  {
    name: 'boot-rss',
    goal: { of: 'value', atMost: 150 },
    processes: 3,
    load: () => import('./benchmarks/boot-rss.ts'),
  },
  {
    name: 'trace-off',
    goal: { of: 'ratio', atLeast: 0.97 },
    processes: 9,
    // What V8 makes of the two builds must not depend on how busy another core is at that moment.
    flags: ['--no-concurrent-recompilation'],
    load: () => import('./benchmarks/trace-off.ts'),
  },
  {
    name: 'qemu-boot',
    goal: { of: 'value', atMost: 3000 },
    processes: 3,
    load: () => import('./benchmarks/qemu-boot.ts'),
  },
  {
    name: 'qemu-64k',
    goal: { of: 'value', atLeast: 2000 },
    processes: 3,
    load: () => import('./benchmarks/qemu-64k.ts'),
  },
];
