// How OpenTelemetry's names become Prometheus': the specification's translation strategies.

/** The specification's `translation_strategy`: whether names keep their characters, and get suffixes of unit and type. */
export type TranslationStrategy =
  | 'UnderscoreEscapingWithSuffixes'
  | 'UnderscoreEscapingWithoutSuffixes'
  | 'NoUTF8EscapingWithSuffixes'
  | 'NoTranslation';

/** What a strategy does. */
export interface Translation {
  /** Whether characters other than letters, digits and underscores become underscores. */
  readonly underscores: boolean;
  /** Whether unit and type become suffixes. */
  readonly suffixes: boolean;
}

/** The strategies by name. */
export const TRANSLATIONS: Readonly<Record<TranslationStrategy, Translation>> = {
  UnderscoreEscapingWithSuffixes: { underscores: true, suffixes: true },
  UnderscoreEscapingWithoutSuffixes: { underscores: true, suffixes: false },
  NoUTF8EscapingWithSuffixes: { underscores: false, suffixes: true },
  NoTranslation: { underscores: false, suffixes: false },
};

/** What names become where nothing else is said. */
export const DEFAULT_STRATEGY: TranslationStrategy = 'UnderscoreEscapingWithSuffixes';
