// What a worker of the pool in queues.mjs does.
export const work = () => undefined;
