// What a command owes a process whose inspector it has had opened: that it is closed, also where the command ends in the
// middle, because somebody in a hurry pressed Ctrl-C twice.

export interface Owed {
  /** From now on. */
  begin(): void;
  /** Has it done by somebody else, where it is owed. */
  pay(): void;
  /** It has been done. */
  end(): void;
}

/** `byOther` has somebody else do it, and must not throw. */
export function createOwed(byOther: () => void): Owed {
  let isOwed = false;
  const pay = (): void => {
    if (isOwed) byOther();
    end();
  };
  const end = (): void => {
    isOwed = false;
    process.off('exit', pay);
  };
  return {
    begin() {
      if (!isOwed) process.once('exit', pay);
      isOwed = true;
    },
    pay,
    end,
  };
}
