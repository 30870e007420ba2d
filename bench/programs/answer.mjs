// The measured side of support/program.ts: answers one question at a time.

/** Answers questions with what `answers` returns for them, and ends with the process that asks. */
export function answerWith(answers) {
  process.on('message', async ({ question, detail }) => {
    try {
      process.send({ answer: await answers[question](detail) });
    } catch (error) {
      process.send({ error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send('ready');
}
