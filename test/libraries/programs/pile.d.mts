export const TASKS: number;
export const CAPACITY: number;
export const TASK_MS: number;
