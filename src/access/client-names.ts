// The names in a client's certificate, as Node writes them: `DNS:a.example, IP Address:10.0.0.1, URI:"spiffe://x/a\u002cb"`.

/** Each subject alternative name without its kind; undefined where the text is not understood to its end. */
export function alternativeNames(text: string): readonly string[] | undefined {
  const names: string[] = [];
  const part =
    /(DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)|([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (found === null) return undefined;
    const [, kind, value = ''] = found;
    if (kind === undefined) continue;
    try {
      names.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
    } catch {
      return undefined;
    }
  }
  return names;
}
