/** What a text must contain: words as they stand, or a regular expression. */
export interface TextPattern {
  /** As it was written. */
  readonly text: string;
  matches(text: string): boolean;
}

const EXPRESSION = /^\/(?<body>.+)\/(?<flags>[a-z]*)$/su;

/**
 * Reads a pattern: `/…/` with optional flags is a regular expression, anything else is to be
 * contained as it stands.
 * @throws SyntaxError if it is no regular expression
 */
export function parseTextPattern(pattern: string | RegExp): TextPattern {
  if (typeof pattern === 'string') {
    const { body, flags } = EXPRESSION.exec(pattern)?.groups ?? {};
    if (body === undefined) {
      return { text: pattern, matches: (text) => text.includes(pattern) };
    }
    return expressionPattern(new RegExp(body, flags), pattern);
  }
  return expressionPattern(pattern, String(pattern));
}

function expressionPattern(expression: RegExp, text: string): TextPattern {
  // A global expression would begin where its last match ended.
  const fresh = new RegExp(expression.source, expression.flags.replaceAll(/[gy]/gu, ''));
  return { text, matches: (subject) => fresh.test(subject) };
}
