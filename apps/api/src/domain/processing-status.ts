/** How far background processing has come with a note, task or activity. */
export const PROCESSING_STATUSES = ['not_processed', 'pending', 'processing', 'completed', 'failed', 'skipped'] as const;
export type ProcessingStatus = (typeof PROCESSING_STATUSES)[number];
