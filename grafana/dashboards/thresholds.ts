// Thresholds and the colours of what is beyond them.
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** Colours of Okabe and Ito, which differ in lightness as well, and so for colour-blind eyes. */
export const COLORS = {
  none: 'transparent',
  blue: '#0072B2',
  skyBlue: '#56B4E9',
  orange: '#E69F00',
  vermillion: '#D55E00',
} as const;

/** From when on something deserves a look, and from when on it hurts. */
export interface Limits {
  readonly warning: number;
  readonly critical: number;
}

/** Steps at `limits`; what is below them has the colour `base`. */
export function thresholds(limits: Limits | undefined, base: string = COLORS.none): ThresholdsConfigBuilder {
  const steps = [{ value: null, color: base }];
  const beyond =
    limits === undefined
      ? []
      : [
          { value: limits.warning, color: COLORS.orange },
          { value: limits.critical, color: COLORS.vermillion },
        ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps, ...beyond]);
}
