/**
 * The answer with what the admission adds to it. A copy: the headers of what `fetch` and `Response.redirect` return
 * cannot be changed.
 */
export function withHeaders(answer: Response, headers: [name: string, value: string][]): Response {
  // An upgraded connection (101) has no headers left to add to.
  if (headers.length === 0 || answer.status === 101) return answer;
  const copy = new Response(answer.body, answer);
  for (const [name, value] of headers) {
    // A handler's word on caching gives way: nobody else may be handed the renewed token.
    if (name === 'set-cookie') copy.headers.append(name, value);
    else copy.headers.set(name, value);
  }
  return copy;
}
