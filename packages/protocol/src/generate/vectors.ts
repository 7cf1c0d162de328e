/** The files of test vectors: their names, what they say of themselves, and their cases. */
import { clientFrameCases } from './client-frame-vectors.ts';
import { closeCodeCases } from './close-code-vectors.ts';
import { advanceCases, positionCases } from './position-vectors.ts';
import { serverFrameCases } from './server-frame-vectors.ts';
import { linkSessionScripts } from './session-link-vectors.ts';
import { resumeSessionScripts } from './session-resume-vectors.ts';
import { VECTOR_SUBJECTS, type VectorFile, vectorSchemaDocument } from './vector-schema.ts';

const VECTOR_FILES: readonly VectorFile[] = ['client-frames', 'server-frames', 'positions', 'close-codes', 'sessions'];

/** The content of every file of vectors, by its name without `.json`. */
export function vectorContents(): Record<VectorFile, object> {
  return {
    'client-frames': { cases: clientFrameCases() },
    'server-frames': { cases: serverFrameCases() },
    positions: { cases: positionCases(), advances: advanceCases() },
    'close-codes': { cases: closeCodeCases() },
    sessions: { sessions: [...resumeSessionScripts(), ...linkSessionScripts()] },
  };
}

/** The files to be written, by their name: JSON text, two blanks a level, a line end at the end. */
export function vectorFiles(): Record<string, string> {
  const contents = vectorContents();
  const files = VECTOR_FILES.map((name) => {
    const file = { $schema: `./schema.json#/$defs/${name}`, about: VECTOR_SUBJECTS[name], ...contents[name] };
    return [`${name}.json`, json(file)];
  });
  return { 'schema.json': json(vectorSchemaDocument()), ...Object.fromEntries(files) };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
