// How much is piled up, and how fast it can go.

/** Tasks that are added at once. */
export const TASKS = 100;
/** Tasks that run at the same time. */
export const CAPACITY = 4;
/** How long each of them takes. */
export const TASK_MS = 50;
