/** The generated sections of SPEC.md: what stands between `<!-- generated: name -->` and `<!-- end -->`. */
import { CLIENT_EXAMPLES, CONTROL_EXAMPLES, NOTIFICATION_EXAMPLES } from '../examples.ts';
import { renderCloseCodes, renderProtocolErrors } from './error-table.ts';

const SECTION = /(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)/gs;

const SECTIONS: Readonly<Record<string, () => string>> = {
  'client-frames': () => Object.values(CLIENT_EXAMPLES).map(example).join('\n'),
  'control-frames': () => Object.values(CONTROL_EXAMPLES).map(example).join('\n'),
  notifications: () => NOTIFICATION_EXAMPLES.map(example).join('\n'),
  'close-codes': renderCloseCodes,
  errors: renderProtocolErrors,
};

/**
 * The text of SPEC.md with its generated sections as they should be.
 * @throws Error when a section is named that nothing generates, or when one is missing.
 */
export function renderSpec(text: string): string {
  const missing = new Set(Object.keys(SECTIONS));
  const rendered = text.replace(SECTION, (_whole, start: string, name: string, end: string) => {
    const section = SECTIONS[name];
    if (!section) throw new Error(`Nothing generates the section "${name}" of the specification.`);
    missing.delete(name);
    return `${start}\n${section()}\n${end}`;
  });
  if (missing.size > 0) throw new Error(`The specification lacks the generated sections ${[...missing].join(', ')}.`);
  return rendered;
}

/** A frame with one line for each of its fields, as the formatter would write it. */
function example(frame: { readonly type: string }): string {
  const fields = Object.entries(frame).map(([name, value]) => `  ${JSON.stringify(name)}: ${inline(value)}`);
  return `\`${frame.type}\`\n\n\`\`\`json\n{\n${fields.join(',\n')}\n}\n\`\`\`\n`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, field]) => `${JSON.stringify(name)}: ${inline(field)}`)
    .join(', ')} }`;
}
