// A page that is one flame graph; what it shows stands in the page.
import type { FlameContent } from '../../src/profile/flame/flame-data.js';
import { mountFlame } from './flame.js';

const content = JSON.parse(document.querySelector('#content')?.textContent ?? '') as FlameContent;
const parent = document.querySelector<HTMLElement>('#flame');
if (parent !== null) mountFlame(parent, content, { wholePage: true });
