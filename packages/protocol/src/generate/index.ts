/** What is generated from the protocol's source: for the project's generator, not for users of the package. */
export { renderProtocolErrors } from './error-table.ts';
export { renderSpec } from './spec.ts';
export { vectorFiles } from './vectors.ts';
