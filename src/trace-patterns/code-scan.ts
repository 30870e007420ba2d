// Where in a text of code its outermost level is: strings, templates, comments, regular expressions and everything in
// braces are skipped. It is no parser: what it cannot follow it says so, and then nothing is changed.

/** The words at the outermost level that are looked for, each with its place. */
export interface TopWord {
  readonly word: 'export' | 'import' | 'const';
  readonly at: number;
}

const WORDS = ['export', 'import', 'const'] as const;
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;
const REGULAR_EXPRESSION = /(?:[^/\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+\/[a-z]*/y;
const WORDS_BEFORE_EXPRESSION =
  /(?<![\w$.])(?:return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|yield|await|default)$/;
const WORDS_BEFORE_CONDITION = /(?<![\w$.])(?:if|while|for|with)\s*$/;
const CONDITION_LIMIT = 1000;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const ASTERISK = 0x2a;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const BACKTICK = 0x60;
const LETTER_C = 0x63;
const LETTER_E = 0x65;
const LETTER_I = 0x69;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** The words `export`, `import` and `const` of the outermost level; undefined where the code cannot be followed. */
export function scanTopLevel(code: string): TopWord[] | undefined {
  const words: TopWord[] = [];
  /** What is open: `{`, and `${` of a template. */
  const open: string[] = [];
  let lastComment = { from: -1, to: -1 };
  let at = code.startsWith('#!') ? endOfLine(code) : 0;

  const skip = (expression: RegExp): string | undefined => {
    expression.lastIndex = at;
    const match = expression.exec(code);
    if (match !== null) at = expression.lastIndex;
    return match === null ? undefined : (match[1] ?? '');
  };
  const skipTemplate = (): boolean => {
    const end = skip(TEMPLATE);
    if (end === '${') open.push('${');
    return end !== undefined;
  };

  // Each character by its code, which is faster than one expression for all of this: the scan runs once over all the code
  // that is traced, at the start of a program.
  while (at < code.length) {
    const char = code.charCodeAt(at++);
    switch (char) {
      case QUOTE:
      case APOSTROPHE:
        at = endOfString(code, at, char);
        if (at === -1) return undefined;
        break;
      case BACKTICK:
        if (!skipTemplate()) return undefined;
        break;
      case OPENING_BRACE:
        open.push('{');
        break;
      case CLOSING_BRACE: {
        const opened = open.pop();
        if (opened === undefined || (opened === '${' && !skipTemplate())) return undefined;
        break;
      }
      case SLASH: {
        const from = at - 1;
        const end = endOfComment(code, at);
        if (end === -1) return undefined;
        if (end !== undefined) {
          // Comments in a row are one to who looks back.
          lastComment = { from: isBlank(code, lastComment.to, from) ? lastComment.from : from, to: end };
          at = end;
        } else if (!isOperand(code, from, lastComment) && skip(REGULAR_EXPRESSION) === undefined) return undefined;
        break;
      }
      case LETTER_C:
      case LETTER_E:
      case LETTER_I: {
        if (open.length > 0) break;
        const word = WORDS.find((one) => code.startsWith(one, at - 1));
        if (word === undefined || !isWord(code, at - 1, at - 1 + word.length)) break;
        words.push({ word, at: at - 1 });
        at += word.length - 1;
      }
    }
  }
  return open.length === 0 ? words : undefined;
}

function endOfLine(code: string, from = 0): number {
  const end = code.indexOf('\n', from);
  return end === -1 ? code.length : end;
}

/** The place after the string that began before `from`; -1 where it does not end in its line. */
function endOfString(code: string, from: number, quote: number): number {
  for (let at = from; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === quote) return at + 1;
    if (char === BACKSLASH) {
      // A line break of two characters is one.
      if (code.charCodeAt(at + 1) === CARRIAGE_RETURN && code.charCodeAt(at + 2) === LINE_FEED) at++;
      at++;
    } else if (char === LINE_FEED || char === CARRIAGE_RETURN) return -1;
  }
  return -1;
}

/** The place after the comment whose slash is before `from`; undefined where it is none, -1 where it has no end. */
function endOfComment(code: string, from: number): number | undefined {
  const char = code.charCodeAt(from);
  if (char === SLASH) return endOfLine(code, from);
  if (char !== ASTERISK) return undefined;
  const end = code.indexOf('*/', from + 1);
  return end === -1 ? -1 : end + 2;
}

// Whether what stands before a slash is a value, so that the slash divides it.
function isOperand(code: string, slash: number, comment: { readonly from: number; readonly to: number }): boolean {
  let before = slash;
  let isNewLine = false;
  for (;;) {
    if (before === comment.to) before = comment.from;
    const char = code[before - 1];
    if (char === undefined) return false;
    if (!/\s/.test(char)) break;
    if (char === '\n') isNewLine = true;
    before--;
  }
  const char = code[before - 1] ?? '';
  if (char === ')') return !isCondition(code, before - 1);
  // `++` before a slash belongs to what is divided.
  if ((char === '+' || char === '-') && code[before - 2] === char) return true;
  // After a block a statement begins, after an object a division; on a line of its own hardly anybody divides.
  if (char === '}') return !isNewLine;
  if (char === ']' || char === '"' || char === "'" || char === '`') return true;
  return /[\w$\u0080-\uffff]/.test(char) && !WORDS_BEFORE_EXPRESSION.test(code.slice(Math.max(0, before - 12), before));
}

// Whether the parenthesis that closes at `end` belongs to an `if` or the like, so that a statement follows.
function isCondition(code: string, end: number): boolean {
  let depth = 0;
  for (let at = end; at >= Math.max(0, end - CONDITION_LIMIT); at--) {
    if (code[at] === ')') depth++;
    if (code[at] === '(' && --depth === 0) return WORDS_BEFORE_CONDITION.test(code.slice(Math.max(0, at - 12), at));
  }
  return false;
}

// `x.export`, `reimport` and `for (const` are none.
function isWord(code: string, from: number, to: number): boolean {
  const [before = ' ', after = ' '] = [code[from - 1], code[to]];
  return !/[\w$.#(\u0080-\uffff]/.test(before) && !/[\w$\u0080-\uffff]/.test(after);
}

function isBlank(code: string, from: number, to: number): boolean {
  return from >= 0 && /^\s*$/.test(code.slice(from, to));
}
