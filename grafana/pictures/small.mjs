// Pictures as small files: they are downloaded with the repository.
import sharp from 'sharp';

export const LARGEST_BYTES = 200_000;
const COLORS = 256;

/** `picture` as a PNG with few colours. */
export function small(picture) {
  return sharp(picture).png({ palette: true, colours: COLORS, effort: 10, compressionLevel: 9, dither: 0 }).toBuffer();
}
