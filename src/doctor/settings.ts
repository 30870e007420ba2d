// Where each setting came from: code, a variable, a file of options, the application's package.json, or the default. Pure.

import { secret } from '../access/secret.js';
import { CONFIG_FILE_NAME } from '../config-file/read-config.js';
import { onOrOff, trueOrFalse } from '../option-values.js';
import {
  type FileOptions,
  INSTRUMENTATION_NAMES,
  type InstrumentationName,
  type LoopsightOptions,
  OPTIONS,
  type OptionDefinition,
  switchVariable,
} from '../options.js';
import type { DetectedService } from '../service-version.js';
import type { Setting } from './record.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SettingsSource {
  /** What `start()` was given. @default {} */
  readonly options?: LoopsightOptions;
  /** The environment that the settings were read from. */
  readonly environment: Environment;
  /** The environment now, where the program may have changed it since. */
  readonly environmentNow?: Environment;
  /** loopsight.config.json: what it says, or why it cannot be used. */
  readonly file?: FoundFile;
  /** What the application's own files say. */
  readonly detected?: DetectedService;
}

/** A file of options that was found: its path, with what it says, or what is wrong with it. */
export interface FoundFile {
  readonly path: string;
  readonly options: FileOptions;
  readonly problem?: string;
}

/** Every setting with its value and source, in the order of the docs; a wrong one has a `problem`. Never throws. */
export function describeSettings(source: SettingsSource): Setting[] {
  const definitions: readonly OptionDefinition[] = Object.values(OPTIONS);
  const settings = definitions
    .filter((definition) => definition !== OPTIONS.instrumentations)
    .map((definition) => withLateChange(describe(definition, source), definition.variable, source));
  return [...settings, ...switches(source)];
}

function describe(definition: OptionDefinition, source: SettingsSource): Setting {
  const { options = {}, environment, detected, file } = source;
  if (definition === OPTIONS.configFile && file !== undefined) return describeFile(file, environment);
  const { option, variable, kind, defaultText } = definition;
  const name = option ?? variable ?? '';
  const show = (value: unknown) => (kind === secret ? 'set (not shown)' : shown(value, kind === trueOrFalse));
  const given = option === undefined ? undefined : options[option];
  const text = variable === undefined ? undefined : environment[variable];
  try {
    if (given !== undefined && option !== undefined) {
      return { name, value: show(kind.check(given, option)), source: 'code', from: option };
    }
    if (text !== undefined && variable !== undefined && text.trim() !== '') {
      return {
        name,
        value: show(kind.parse(text, variable)),
        source: 'variable',
        from: variable,
      };
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const from = given === undefined ? variable : option;
    return {
      name,
      value: show(given ?? text),
      source: given === undefined ? 'variable' : 'code',
      ...(from === undefined ? {} : { from }),
      problem,
    };
  }
  const elsewhere = fromElsewhere(name, environment, detected);
  if (elsewhere?.source === 'variable') return elsewhere;
  const inFile = fromFile(name, file);
  if (inFile !== undefined) return { name, value: show(inFile), source: 'file', from: CONFIG_FILE_NAME };
  return elsewhere ?? { name, value: defaultText.replaceAll('`', ''), source: 'default' };
}

function describeFile({ path, problem }: FoundFile, environment: Environment): Setting {
  const { variable = '' } = OPTIONS.configFile;
  const isNamed = (environment[variable] ?? '').trim() !== '';
  const where = isNamed ? { source: 'variable', from: variable } : { source: 'file', from: CONFIG_FILE_NAME };
  return {
    name: variable,
    value: path,
    ...(where as Pick<Setting, 'source' | 'from'>),
    ...(problem === undefined ? {} : { problem }),
  };
}

function fromFile(name: string, file: FoundFile | undefined): unknown {
  const options: Readonly<Record<string, unknown>> = { ...file?.options };
  const key = name === 'serviceName' ? 'service.name' : name === 'serviceVersion' ? 'service.version' : undefined;
  return options[name] ?? (key === undefined ? undefined : file?.options.resourceAttributes?.[key]);
}

// Some take their value from another variable, or from the application's own files.
function fromElsewhere(name: string, environment: Environment, detected: DetectedService = {}): Setting | undefined {
  if (name === 'endpoint') {
    const exporters = OPTIONS.metricsExporter.kind.parse(environment.OTEL_METRICS_EXPORTER ?? '', name);
    return exporters.includes('none')
      ? { name, value: 'false', source: 'variable', from: 'OTEL_METRICS_EXPORTER' }
      : undefined;
  }
  if (name !== 'serviceName' && name !== 'serviceVersion') return undefined;
  const from = 'OTEL_RESOURCE_ATTRIBUTES';
  const key = name === 'serviceName' ? 'service.name' : 'service.version';
  try {
    const value = OPTIONS.resourceAttributes.kind.parse(environment[from] ?? '', from)[key];
    if (value !== undefined) return { name, value, source: 'variable', from };
  } catch {
    // The setting of the attributes themselves tells what is wrong with them.
  }
  const found = name === 'serviceName' ? detected.name : detected.version;
  const otherwise = name === 'serviceName' ? 'unknown_service:node' : 'none';
  return found === undefined
    ? { name, value: otherwise, source: 'default' }
    : { name, value: found, source: 'package', from: "the application's files" };
}

function withLateChange(setting: Setting, variable: string | undefined, source: SettingsSource): Setting {
  const { environment, environmentNow } = source;
  if (environmentNow === undefined || variable === undefined || setting.problem !== undefined) return setting;
  if ((environment[variable] ?? '') === (environmentNow[variable] ?? '')) return setting;
  return { ...setting, problem: `the program changed ${variable} after the start, which has no effect` };
}

function switches(source: SettingsSource): Setting[] {
  const { options = {}, environment, file } = source;
  const list = (variable: string) => (environment[variable] ?? '').split(',').map((item) => item.trim());
  const disabled = list('OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  const enabled = list('OTEL_NODE_ENABLED_INSTRUMENTATIONS');
  const namesOurs = INSTRUMENTATION_NAMES.some((name) => enabled.includes(name));
  return INSTRUMENTATION_NAMES.map((name) => {
    const variable = switchVariable(name);
    const given = options.instrumentations?.[name];
    if (given !== undefined) return { name, value: shown(given), source: 'code', from: 'instrumentations' };
    // The mode of blocking calls is their switch as well.
    const mode = name === 'blocking-calls' ? options.blockingCalls : undefined;
    if (mode !== undefined) return { name, value: shown(mode !== 'off'), source: 'code', from: 'blockingCalls' };
    const text = environment[variable];
    if (text !== undefined && text.trim() !== '') {
      try {
        const value = shown(isSwitchedOn(name, text, variable));
        return withLateChange({ name, value, source: 'variable', from: variable }, variable, source);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        return { name, value: text, source: 'variable', from: variable, problem };
      }
    }
    if (disabled.includes(name)) {
      return { name, value: 'off', source: 'variable', from: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS' };
    }
    if (namesOurs) {
      const value = shown(enabled.includes(name));
      return { name, value, source: 'variable', from: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS' };
    }
    const modeInFile = name === 'blocking-calls' ? file?.options.blockingCalls : undefined;
    const inFile =
      file?.options.instrumentations?.[name] ?? (modeInFile === undefined ? undefined : modeInFile !== 'off');
    const setting: Setting =
      inFile === undefined
        ? { name, value: 'on', source: 'default' }
        : { name, value: shown(inFile), source: 'file', from: CONFIG_FILE_NAME };
    return withLateChange(setting, variable, source);
  });
}

// The variable of blocking calls says more than on or off.
function isSwitchedOn(name: InstrumentationName, text: string, variable: string): boolean {
  return name === 'blocking-calls'
    ? OPTIONS.blockingCalls.kind.parse(text, variable) !== 'off'
    : onOrOff.parse(text, variable);
}

function shown(value: unknown, isWord = false): string {
  if (typeof value === 'boolean' && !isWord) return value ? 'on' : 'off';
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, entry]) => `${key}=${String(entry)}`)
    .join(', ');
}
