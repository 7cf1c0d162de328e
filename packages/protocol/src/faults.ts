/** What is wrong with a message, field by field. The only place that words the faults of schemas. */
import type { TValidationError } from 'typebox/error';

const UNKNOWN_FIELD = 'is not known here';

/** One faulty field. */
export interface FieldFault {
  /** JSON pointer (RFC 6901) from the root of the message; empty for the whole of it. */
  readonly field: string;
  /** What is asked of the field, as the end of a sentence that begins with its name. Never holds the faulty value. */
  readonly message: string;
}

/**
 * Words the errors of a TypeBox validator.
 * @returns one fault a field, the first that was found, in the order of the schema.
 */
export function describeFaults(errors: readonly TValidationError[]): FieldFault[] {
  const faults = new Map<string, string>();
  const alternatives = errors.filter((error) => error.keyword === 'anyOf').map((error) => `${error.schemaPath}/anyOf/`);
  for (const error of errors) {
    if (alternatives.some((path) => error.schemaPath.startsWith(path))) continue;
    for (const [field, message] of wordings(error, errors)) {
      if (!faults.has(field)) faults.set(field, message);
    }
  }
  return [...faults].map(([field, message]) => ({ field, message }));
}

/** One sentence for a person that names every faulty field. */
export function faultSentence(subject: string, faults: readonly FieldFault[]): string {
  return `${subject}: ${faults.map(({ field, message }) => `${field || 'it'} ${message}`).join('; ')}.`;
}

function wordings(error: TValidationError, all: readonly TValidationError[]): Array<[field: string, message: string]> {
  const at = (name: string) => `${error.instancePath}/${escapePointer(name)}`;
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => [at(name), 'is required']);
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => [at(name), UNKNOWN_FIELD]);
    case 'anyOf':
      return [[error.instancePath, anyOfWording(`${error.schemaPath}/anyOf/`, all)]];
    default:
      return [[error.instancePath, wording(error)]];
  }
}

/** Joins what the alternatives ask for: `must be an integer, or must be a string`. */
function anyOfWording(branches: string, all: readonly TValidationError[]): string {
  const asked = all.filter((error) => error.schemaPath.startsWith(branches)).map(wording);
  return [...new Set(asked)].join(', or ');
}

function wording(error: TValidationError): string {
  switch (error.keyword) {
    case 'type':
      return `must be ${[error.params.type].flat().map(withArticle).join(' or ')}`;
    case 'minLength':
      return error.params.limit === 1 ? 'must not be empty' : `must be at least ${error.params.limit} characters`;
    case 'maxLength':
      return `must be at most ${error.params.limit} characters`;
    case 'maxItems':
      return `must have at most ${error.params.limit} items`;
    case 'minimum':
      return `must be at least ${error.params.limit}`;
    case 'exclusiveMinimum':
      return `must be greater than ${error.params.limit}`;
    case 'const':
      return `must be ${JSON.stringify(error.params.allowedValue)}`;
    // A schema of `false`: what additionalProperties says of each field that is not known.
    case 'boolean':
      return UNKNOWN_FIELD;
    case 'format':
      return `must be a valid ${error.params.format}`;
    case 'pattern':
      return `must match ${error.params.pattern}`;
    default:
      return 'is not valid';
  }
}

function withArticle(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
