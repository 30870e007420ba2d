// Runs trials in a process of its own: one message a task, one an outcome. It ends with its parent.
import { runLooks, runTrials, type Task } from './trials.js';

process.on('message', (task: Task) => {
  process.send?.(task.looks === undefined ? runTrials(task) : runLooks(task, task.looks));
});
process.on('disconnect', () => process.exit());
