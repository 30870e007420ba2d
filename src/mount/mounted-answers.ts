// Answers to requests that came to a server of the application: a few at a time, and none of them for ever.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SERVER_LIMITS } from '../access/limits.js';
import { type Reply, sendReply } from '../prometheus/reply.js';

/** Sends what `reply` resolves to. Resolves when that is done, never rejects. */
export type MountedAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  reply: () => Promise<Reply>,
) => Promise<void>;

const FAILED: Reply = { status: 500, body: 'The metrics could not be written.\n' };
const BUSY: Reply = { status: 503, body: 'Too many scrapes are being answered.\n', headers: { 'Retry-After': '1' } };

/** Creates the answers of one handler; failures go to `onError`. */
export function createMountedAnswer(onError: (error: unknown) => void): MountedAnswer {
  let answers = 0;
  return async (request, response, reply) => {
    answers++;
    // Servers wait for ever for clients that do not read.
    const deadline = setTimeout(() => response.destroy(), SERVER_LIMITS.answerMs).unref();
    try {
      await sendReply(request, response, answers > SERVER_LIMITS.maxAnswers ? BUSY : await reply());
    } catch (error) {
      onError(error);
      if (!response.headersSent) await sendReply(request, response, FAILED).catch(onError);
    } finally {
      clearTimeout(deadline);
      answers--;
    }
  };
}
