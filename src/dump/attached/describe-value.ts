// Values of variables in a few words, from what the inspector tells of them without running anything.

/** Runtime.RemoteObject of the protocol, as far as it is read. */
export interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly preview?: ObjectPreview;
}

interface ObjectPreview {
  readonly overflow: boolean;
  readonly properties: readonly {
    readonly name: string;
    readonly type: string;
    readonly subtype?: string;
    readonly value?: string;
  }[];
}

const LENGTH = 120;
const PROPERTIES = 5;

/** One line of at most 120 characters, such as `"text"`, `Array(3) [1, 2, 3]` or `Order {id: 7, paid: false}`. */
export function describeValue(value: RemoteObject): string {
  const text = textOf(value).replace(/\s+/g, ' ');
  return text.length <= LENGTH ? text : `${text.slice(0, LENGTH - 1)}…`;
}

function textOf({ type, subtype, value, unserializableValue, description = '', preview }: RemoteObject): string {
  if (type === 'undefined') return 'undefined';
  if (subtype === 'null') return 'null';
  // A string can be long: what would be cut is not quoted first.
  if (type === 'string') return JSON.stringify(String(value).slice(0, LENGTH));
  if (type === 'symbol') return description;
  if (type === 'function')
    return `function ${/^(?:async )?(?:function)?\s*\*?\s*([\w$]*)/.exec(description)?.[1] ?? ''}`.trim();
  if (type !== 'object') return unserializableValue ?? String(value ?? description);
  if (subtype === 'error') return description.split('\n')[0] ?? '';
  if (preview === undefined || preview.properties.length === 0) return description;
  const isArray = subtype === 'array' || subtype === 'typedarray';
  const parts = preview.properties.slice(0, PROPERTIES).map((property) => {
    const text = property.type === 'string' ? JSON.stringify(property.value ?? '') : (property.value ?? property.type);
    return isArray ? text : `${property.name}: ${text}`;
  });
  if (preview.overflow || preview.properties.length > PROPERTIES) parts.push('…');
  const [open, close] = isArray ? '[]' : '{}';
  return `${description} ${open}${parts.join(', ')}${close}`;
}
