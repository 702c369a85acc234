// npm run bench [-- [FILTER...] [--json FILE]]
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmarks.ts';
import { BENCHMARKS } from './benchmarks.ts';
import type { Answer, Figure, Measurement } from './figure.ts';
import { formatFigure, HEAD } from './figure.ts';
import { medianBy } from './measure.ts';

const RUN_ONE = fileURLToPath(new URL('./run-one.js', import.meta.url));

/** Runs a benchmark in a process of its own: nothing that ran before has left its types or its garbage. */
function runOnce(name: string, index: number, flags: readonly string[]): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const child = fork(RUN_ONE, [name, `${index}`], { execArgv: [...flags] });
    let answer: Answer | undefined;
    child.on('message', (message: Answer) => (answer = message));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (answer === undefined) reject(new Error(`it ended with exit status ${code}`));
      else if ('problem' in answer) reject(new Error(answer.problem));
      else resolve(answer);
    });
  });
}

async function run({ name, goal, processes, flags = [] }: Benchmark): Promise<Measurement> {
  const measurements: Measurement[] = [];
  while (measurements.length < processes) {
    measurements.push(await runOnce(name, measurements.length, flags));
  }
  return medianBy(measurements, ({ ratio, value }) =>
    goal.of === 'ratio' ? (ratio ?? value) : value,
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
});
// A whole name is just that one; anything else is a part of names.
const chosen = BENCHMARKS.filter(
  ({ name }) =>
    positionals.length === 0 ||
    positionals.some((filter) =>
      BENCHMARKS.some((each) => each.name === filter) ? name === filter : name.includes(filter),
    ),
);
if (chosen.length === 0) {
  const names = BENCHMARKS.map(({ name }) => name).join(', ');
  console.error(`no benchmark is called ${positionals.join(' or ')}: there are ${names}`);
  process.exit(2);
}
console.log(`Node.js ${process.version}, ${process.arch}\n${HEAD}`);
const figures: Figure[] = [];
for (const benchmark of chosen) {
  try {
    const { value, unit, ratio, notes = [] } = await run(benchmark);
    const figure = { name: benchmark.name, value, unit, ratio };
    figures.push(figure);
    console.log(
      [formatFigure(figure, benchmark.goal), ...notes.map((note) => `    ${note}`)].join('\n'),
    );
  } catch (caught) {
    // One that cannot be measured here, such as without QEMU, does not keep the others from it.
    const problem = caught instanceof Error ? caught.message : String(caught);
    console.log(`${benchmark.name}: not measured: ${problem}`);
    process.exitCode = 1;
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
