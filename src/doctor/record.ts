// What the doctor finds out, as data: collected in the program or in the command, and made into text by render.ts.

/** Where the value of a setting came from. */
export type SettingSource = 'code' | 'variable' | 'file' | 'package' | 'default';

/** One setting as it is in force. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: SettingSource;
  /** The variable, option or file that gave the value. */
  readonly from?: string;
  /** Why it is wrong, or of no effect. */
  readonly problem?: string;
}

/** The machine, the runtime and what they allow. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly processors: number;
  /** In bytes; `memoryLimit` is that of the control group. */
  readonly memory: number;
  readonly memoryLimit?: number;
  readonly heapLimit: number;
  /** In processors, from the control group's quota. */
  readonly processorLimit?: number;
  readonly procReadable: boolean;
  /** Rights under the permission model; undefined where it is off. */
  readonly rights?: Readonly<Record<string, boolean>>;
  readonly nodeOptions: string;
}

/** Something that does not work here, and why. */
export interface Obstacle {
  readonly what: string;
  readonly why: string;
}

/** How one part stands. */
export interface Part {
  readonly name: string;
  readonly on: boolean;
  /** Why it is off, or where it is. */
  readonly detail?: string;
}

/** What was found in a program. */
export interface ProgramRecord {
  readonly pid: number;
  readonly command: readonly string[];
  /** When the record was made: while the program ran, or as it ended. */
  readonly made: 'running' | 'ending';
  readonly running: boolean;
  readonly parts: readonly Part[];
  readonly instrumentations: readonly Part[];
  /** OpenTelemetry's API and the providers registered with it. */
  readonly openTelemetry: readonly Part[];
  /** Packages with their versions. */
  readonly packages: readonly string[];
  /** Functions of Node that were replaced since the program began, by whomever. */
  readonly replaced: readonly string[];
  /** What Loopsight said or counted as a failure of its own. */
  readonly said: readonly string[];
}

/** What one run of the doctor found. */
export interface DoctorRecord {
  readonly version: string;
  readonly machine: Machine;
  readonly settings: readonly Setting[];
  readonly obstacles: readonly Obstacle[];
  readonly program?: ProgramRecord;
}
