import { ForwardAuthError } from './errors.ts';
import { adminQuestion, type Question, resourceQuestion } from './schemas.ts';

/** What an operator asks is a handful of addresses; whoever asks at random forgets them all. */
const MAX_KNOWN = 500;

/**
 * Reads what a proxy asks for from the address it asks at, and from nothing else: a header may be the client's. Null
 * where nothing is asked; everything that is not one whole question throws, for half of one that passed for none would
 * open the door to everybody.
 */
export function createQuestionReader(): (url: string) => Question | null {
  const known = new Map<string, Question>();
  return (url) => {
    const at = url.search(/[?#]/);
    if (at < 0) return null;
    const query = url.slice(at);
    const found = known.get(query);
    if (found) return found;
    const question = parse(query);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(query, question);
    return question;
  };
}

function parse(query: string): Question {
  if (!query.startsWith('?')) throw new ForwardAuthError({ question: 'there is a "#" in it.' });
  const pairs = [...new URLSearchParams(query)];
  const given = new Map(pairs);
  if (pairs.length === 0) throw new ForwardAuthError({ question: 'there is nothing after the "?".' });
  if (given.size < pairs.length) throw new ForwardAuthError({ question: 'a key is there twice.' });
  const schema = given.has('section') ? adminQuestion : resourceQuestion;
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new ForwardAuthError({ question: reasons.join('; ').slice(0, 500) });
}
