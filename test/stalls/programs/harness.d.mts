export const stallMs: number;
export function timeUp(ms?: number): () => boolean;
export function run(...blockers: [name: string, block: () => unknown][]): Promise<void>;
