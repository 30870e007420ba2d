// What keys do, on the screen.

/** The last line of the screen. */
export const KEY_LINE = ' ?:help f:function l:line p:package t:thread s:sort /:filter space:pause q:quit';

/** The screen behind `?`. */
export const HELP_LINES: readonly string[] = [
  ' f  by function             own %    of the last window, in the code itself',
  ' l  by line                 total %  the same with all that it called',
  ' p  by package              own s    since the start, or since c',
  ' t  by thread               total s  the same with all that it called',
  '',
  ' T  next thread alone       100 % is one thread that is busy all the time; several add up.',
  ' s  next column to sort by  The time in which a loop sleeps is left out; busy is the rest.',
  ' o  own code first, or not  lag is what a callback waits for the loop, the longest of a window',
  ' /  filter by name, place   as a graph: steps at 2, 5, 10, 50, 100, 500 ms and 2 s.',
  ' Esc  no filter, all threads',
  ' space  pause               up, down, page up, page down, home, end  scroll',
  ' c  clear what was counted  Ctrl-L  draw anew    Ctrl-Z  suspend',
  ' q, Ctrl-C  quit            any key closes this help',
];
