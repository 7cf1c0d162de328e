/** Fewest bytes of the secret that signs tokens: the length of an HMAC-SHA-256. Source: RFC 7518, section 3.2. */
export const SIGNING_SECRET_BYTES = 32;
