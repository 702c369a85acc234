import type { Document } from 'yaml';
import {
  LineCounter,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  parseDocument,
  visit,
} from 'yaml';
import { ScenarioError } from './scenario-error.ts';
import type { ScenarioPath, ScenarioProblem } from './scenario-problem.ts';
import { pathText } from './scenario-problem.ts';
import type { ProblemSide, ScenarioSource } from './scenario-source.ts';

/** How many times aliases may multiply a text's nodes before it counts as an attack. */
const MAX_ALIASES = 100;

/** A range of characters of the text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const START: Span = { start: 0, end: 0 };

/** A YAML text that knows where its parts stand. */
export class YamlSource implements ScenarioSource {
  readonly file: string;
  /** The text as plain data. */
  readonly data: unknown;
  readonly #lines: readonly string[];
  readonly #counter = new LineCounter();
  readonly #document: Document;

  /** @throws ScenarioError if the text is not YAML */
  constructor(text: string, file: string) {
    this.file = file;
    this.#lines = text.split(/\r\n|\r|\n/u);
    this.#document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false });
    const { errors, warnings } = this.#document;
    if (errors.length + warnings.length > 0) {
      throw new ScenarioError(
        [...errors, ...warnings].map(({ pos: [start, end], message }) =>
          this.#problemAt({ start, end }, '', message),
        ),
      );
    }
    this.#checkNodes();
    this.data = this.#toPlainData();
  }

  problem(path: ScenarioPath, message: string, side: ProblemSide = 'value'): ScenarioProblem {
    return this.#problemAt(this.#locate(path, side), pathText(path), message);
  }

  /** Refuses what is YAML, but no plain data. */
  #checkNodes(): void {
    visit(this.#document, {
      Pair: (_key, { key }) => {
        if (!isCollection(key) && !isAlias(key)) return;
        throw new ScenarioError([this.#problemAt(spanOf(key) ?? START, '', 'a key is a text')]);
      },
      Alias: (_key, alias) => {
        if (alias.resolve(this.#document) !== undefined) return;
        const message = `there is no anchor &${alias.source} before this alias`;
        throw new ScenarioError([this.#problemAt(spanOf(alias) ?? START, '', message)]);
      },
    });
  }

  #toPlainData(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (caught) {
      // Aliases that multiply without end: all that this can throw.
      const message = caught instanceof Error ? caught.message : String(caught);
      throw new ScenarioError([this.#problemAt(START, '', message)], caught);
    }
  }

  /** Follows a path as far as it leads. */
  #locate(path: ScenarioPath, side: ProblemSide): Span {
    let node: unknown = this.#document.contents;
    let span = spanOf(node) ?? START;
    for (const [depth, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => keyText(key) === String(step));
        if (pair === undefined) return span;
        const atKey = side === 'key' && depth === path.length - 1;
        span = spanOf(atKey ? pair.key : (pair.value ?? pair.key)) ?? span;
        node = pair.value;
      } else if (isCollection(node)) {
        node = node.get(step, true);
        if (node === undefined) return span;
        span = spanOf(node) ?? span;
      } else return span;
    }
    return span;
  }

  #problemAt(span: Span, path: string, message: string): ScenarioProblem {
    const position = this.#counter.linePos(span.start);
    // An empty text has no lines, and its problems are still on its first.
    const line = Math.max(1, position.line);
    const column = Math.max(1, position.col);
    const text = this.#lines[line - 1] ?? '';
    const width = Math.max(1, Math.min(span.end - span.start, text.length - column + 1));
    const number = String(line).padStart(5);
    // Tabs stay tabs, so that the caret stands below what it means.
    const indent = text.slice(0, column - 1).replaceAll(/[^\t]/gu, ' ');
    const excerpt = `${number} | ${text}\n${' '.repeat(number.length)} | ${indent}${'^'.repeat(width)}`;
    return { file: this.file, line, column, path, message, excerpt };
  }
}

function spanOf(node: unknown): Span | undefined {
  if (!isNode(node) || node.range === null || node.range === undefined) return undefined;
  const [start, end] = node.range;
  return { start, end };
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}
