// Runs the benchmark that the parent process names, and sends back what it found out.
import type { Benchmark } from './benchmarks.ts';
import { BENCHMARKS } from './benchmarks.ts';
import type { Answer } from './figure.ts';

const [name, run] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((each) => each.name === name);
if (benchmark === undefined) throw new Error(`there is no benchmark '${name}'`);
process.send?.(await measure(benchmark));

async function measure(named: Benchmark): Promise<Answer> {
  try {
    const loaded = await named.load();
    return await loaded.measure(Number(run));
  } catch (caught) {
    return { problem: caught instanceof Error ? caught.message : String(caught) };
  }
}
