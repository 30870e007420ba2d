// The page of flame graphs. The build puts the bundled text of browser/flame/ in the place of the marker (scripts/build.mjs).

export const FLAME_PAGE: string = '@flame-page@';
