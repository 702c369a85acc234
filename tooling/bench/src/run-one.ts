// Runs the benchmark that the parent process names, and sends back what it found out.
import { BENCHMARKS } from './benchmarks.ts';

const [name, run] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((each) => each.name === name);
if (benchmark === undefined) throw new Error(`there is no benchmark '${name}'`);
const loaded = await benchmark.load();
process.send?.(await loaded.measure(Number(run)));
