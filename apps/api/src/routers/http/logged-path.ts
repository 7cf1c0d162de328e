/**
 * What a client put in the wrong place may be a token: the query stays out, and so does what is longer than any segment of ours (an
 * access token has over 150 characters, a user secret 80).
 */
export function loggedPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  return path.replace(/[^/]{49,}/g, '[long]');
}
