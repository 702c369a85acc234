import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BENCH = join('tooling', 'bench');

/** `this.#trace?.(…)` and the like, at the beginning of a statement. */
const CALL = /^[ \t]*[\w.#?]*\btrace\?\.\(/gm;
/** `if (this.#trace !== undefined) …;` */
const CONDITION = /\bif \(this\.#?trace !== undefined\)\s*[^;]*;/g;

/**
 * Copies what is built of this clone into a temporary directory, without a single hook of the trace.
 * @returns the directory, to be removed by the caller
 */
export function copyWithoutHooks(): string {
  const copy = mkdtempSync(join(tmpdir(), 'dxelab-bench-'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  let removed = 0;
  for (const directory of [...packages(), BENCH]) {
    cpSync(join(ROOT, directory), join(copy, directory), {
      recursive: true,
      // The links between packages are relative: in the copy they lead to the copies.
      verbatimSymlinks: true,
      filter: (source) => isBuilt(source.slice(join(ROOT, directory).length)),
    });
    const dist = join(copy, directory, 'dist');
    if (!existsSync(dist)) continue;
    for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      if (!entry.endsWith('.js')) continue;
      const file = join(dist, entry);
      const { code, hooks } = removeHooks(readFileSync(file, 'utf8'));
      if (hooks > 0) writeFileSync(file, code);
      removed += hooks;
    }
  }
  if (removed === 0)
    throw new Error('no hook of the trace was found: they are written otherwise now');
  return copy;
}

/** Replaces each hook by an empty statement. */
export function removeHooks(code: string): { readonly code: string; readonly hooks: number } {
  let hooks = 0;
  const unconditional = code.replace(CONDITION, () => {
    hooks++;
    return ';';
  });
  let result = '';
  let rest = 0;
  for (const match of unconditional.matchAll(CALL)) {
    result += `${unconditional.slice(rest, match.index)};`;
    rest = endOfCall(unconditional, match.index + match[0].length);
    hooks++;
  }
  return { code: result + unconditional.slice(rest), hooks };
}

/** Behind the parenthesis that closes a call whose arguments begin at `start`. They quote no parentheses. */
function endOfCall(code: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; depth > 0 && at < code.length; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')') depth--;
  }
  return at;
}

function packages(): readonly string[] {
  const rooms = readdirSync(join(ROOT, 'packages'), { withFileTypes: true });
  return rooms
    .filter((room) => room.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(ROOT, 'packages', name)).map((each) => join('packages', name, each)),
    );
}

/** Whether a path within a package is of what runs: the built code, the manifest, the links. */
function isBuilt(path: string): boolean {
  const [, first] = path.split(sep);
  if (first === undefined || first === 'package.json' || first === 'node_modules') return true;
  return first === 'dist' && (basename(path).endsWith('.js') || !basename(path).includes('.'));
}
