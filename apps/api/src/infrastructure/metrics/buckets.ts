/** Upper bounds of durations, in seconds: from a fifth of a millisecond, each about twice the one before. */
export const DURATIONS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Upper bounds of counts. */
export const SIZES = [0, 1, 2, 5, 10, 20, 50, 100, 250, 1_000, 10_000, 100_000] as const;
