// Things that end together: what was started last ends first.

export interface Parts extends AsyncDisposable {
  /** Keeps `part` until all end. */
  add<T extends Disposable | AsyncDisposable>(part: T): T;
}

/** Starts parts with `start`; when that fails, those that were started end. */
export async function startParts<T>(start: (parts: Parts) => Promise<T>): Promise<T> {
  const kept: (Disposable | AsyncDisposable)[] = [];
  const parts: Parts = {
    add(part) {
      kept.push(part);
      return part;
    },
    async [Symbol.asyncDispose]() {
      for (const part of kept.reverse()) {
        if (Symbol.asyncDispose in part) await part[Symbol.asyncDispose]();
        else part[Symbol.dispose]();
      }
    },
  };
  try {
    return await start(parts);
  } catch (error) {
    await parts[Symbol.asyncDispose]();
    throw error;
  }
}
