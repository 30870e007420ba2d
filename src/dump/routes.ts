// What the socket of a process answers, for the process and the command.

/** The dump as text. */
export const DUMP_PATH = '/dump';
/** The dump as JSON. */
export const DUMP_JSON_PATH = '/dump.json';
