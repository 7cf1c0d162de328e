import { type Setting, settingsByVariable } from './settings.ts';

const HEAD = `# Configuration

All settings are environment variables. A wrong value stops the start with one line that names the variable, what is wrong with
it and what is allowed; an unknown \`FRIDAY_…\` variable is warned of in the log. An empty variable counts as absent.

<!-- Made from apps/api/src/settings.ts by \`npm run generate\`. -->

| variable | default | allowed | what it is for |
|---|---|---|---|
`;

/** The text of `docs/configuration.md`. */
export function configurationDocs(): string {
  const rows = Object.entries(settingsByVariable()).map(([variable, setting]) => {
    const cells = [`\`${variable}\``, defaultOf(setting), allowedOf(setting), setting.description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  return HEAD + rows.join('');
}

function defaultOf(setting: Setting): string {
  if (setting.type !== 'choice' && setting.defaultNote !== undefined) return setting.defaultNote;
  const unit = setting.type === 'integer' ? ` ${setting.unit}` : '';
  return `\`${setting.default}\`${unit}`.trim();
}

function allowedOf(setting: Setting): string {
  if (setting.type === 'integer') return `${setting.min} to ${setting.max}`;
  return setting.type === 'choice' ? setting.allowed.map((value) => `\`${value}\``).join(', ') : setting.allowed;
}
