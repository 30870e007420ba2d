// What the socket of a process answers, for the process and the command.

/** The dump as text. */
export const DUMP_PATH = '/dump';
/** The dump as JSON. */
export const DUMP_JSON_PATH = '/dump.json';
/** The traced calls that are under way, as text and as JSON. */
export const TASKS_PATH = '/tasks';
export const TASKS_JSON_PATH = '/tasks.json';
/** The same after a second in which it is noted where they wait. */
export const TASKS_WHERE_PATH = '/tasks/where';
export const TASKS_WHERE_JSON_PATH = '/tasks/where.json';
/** The version of Node, as an inspector tells it. */
export const VERSION_PATH = '/json/version';
/** Where commands ask the inspector, by an upgrade to a WebSocket. */
export const INSPECT_PATH = '/inspect';
