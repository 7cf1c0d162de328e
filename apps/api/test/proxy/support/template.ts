import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const DEPLOY = resolve(import.meta.dirname, '../../../../../deploy');

/**
 * A file of `deploy`, with what is true on the test's machine in the place of what it ships with.
 * @param path below `deploy`.
 * @param replacements each text that stands in the file, by what is to stand there.
 * @throws Error where a text is not in the file: then it is not the shipped file that would be tested.
 */
export function filledTemplate(path: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce(
    (text, [shipped, here]) => {
      if (!text.includes(shipped)) throw new Error(`deploy/${path} has no '${shipped}'.`);
      return text.replaceAll(shipped, here);
    },
    readFileSync(resolve(DEPLOY, path), 'utf8'),
  );
}
