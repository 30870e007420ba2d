// The colours of Viridis, which keep their order for colour-blind eyes and in grey.

const STOPS = [
  '#440154',
  '#482475',
  '#414487',
  '#355f8d',
  '#2a788e',
  '#21918c',
  '#22a884',
  '#44bf70',
  '#7ad151',
  '#bddf26',
  '#fde725',
];

/** The colour at `share`, from 0 to 1. */
export function viridis(share) {
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(place));
  const mixed = [1, 3, 5].map((at) => {
    const [a, b] = [STOPS[from], STOPS[from + 1]].map((stop) => Number.parseInt(stop.slice(at, at + 2), 16));
    return Math.round(a + (b - a) * (place - from));
  });
  return `rgb(${mixed.join(', ')})`;
}
