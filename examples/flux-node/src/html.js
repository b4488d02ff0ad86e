/** Markup whose every value is escaped, but for markup made the same way. */
export class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @typedef {Html | string | number | null | undefined | false | Value[]} Value */

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * @param {Value} value
 * @returns {string}
 */
function textOf(value) {
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}

/**
 * @param {TemplateStringsArray} parts
 * @param {Value[]} values
 */
export function html(parts, ...values) {
  return new Html(parts.reduce((text, part, at) => text + part + textOf(values[at]), ''));
}
