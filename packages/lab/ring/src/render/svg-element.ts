/** What an attribute can be; numbers are written with at most two decimals, so that pictures are the same everywhere. */
export type SvgAttributes = Readonly<Record<string, string | number>>;

/** An element as text; `content` is markup, and escaped by whoever made it. */
export function svgElement(name: string, attributes: SvgAttributes, content = ''): string {
  const text = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(valueText(value))}"`)
    .join('');
  return content === '' ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`;
}

/** A text whose spaces are kept, from a point on its baseline. */
export function svgText(x: number, y: number, className: string, text: string): string {
  return svgElement('text', { x, y, class: className }, escapeXml(text));
}

/** What may stand in text and in attributes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function valueText(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}
