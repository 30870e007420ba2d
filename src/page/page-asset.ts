// The live page, compressed with brotli and written in base64. The build puts the bundled text of browser/page/ in the place
// of the marker (scripts/build.mjs).

export const LIVE_PAGE: string = '@live-page@';
