// Elements in one line. Text is always text: nothing here reads HTML.

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes (true stands for an empty one, false and undefined for none) and what is in it. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...inside: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...inside);
  return made;
}

/** A button that does something. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', press);
  return made;
}

/** A choice of one of a few; calls `choose` with the name of the other one. */
export function choice<Name extends string>(
  label: string,
  options: Readonly<Partial<Record<Name, string>>>,
  chosen: Name,
  choose: (name: Name) => void,
): HTMLFieldSetElement {
  const names = Object.keys(options) as Name[];
  const group = `flame-${++groups}`;
  const inputs = names.map((name) => {
    const input = element('input', { type: 'radio', name: group, value: name, checked: name === chosen });
    input.addEventListener('change', () => choose(name));
    return element('label', {}, input, element('span', {}, options[name] ?? ''));
  });
  return element('fieldset', { class: 'flame-choice' }, element('legend', {}, label), ...inputs);
}

let groups = 0;

/** A box to tick. */
export function tick(label: string, checked: boolean, change: (checked: boolean) => void): HTMLLabelElement {
  const input = element('input', { type: 'checkbox', checked });
  input.addEventListener('change', () => change(input.checked));
  return element('label', { class: 'flame-tick' }, input, label);
}
