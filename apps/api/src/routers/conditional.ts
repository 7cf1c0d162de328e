/** Conditional requests: entity tags are versions. Source: RFC 9110, sections 8.8.3 and 13.1.1. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExpectedVersions, Versioned } from '../domain/version.ts';

/** Names the version that the answer holds. */
export function setEtag(reply: FastifyReply, { version }: Versioned): void {
  reply.header('etag', `"${version}"`);
}

/**
 * The versions that `If-Match` allows; undefined without the header, and with `*`: what is missing altogether is 404 anyway. Weak
 * tags never match.
 */
export function expectedVersions(request: FastifyRequest): ExpectedVersions {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, tag = '']) =>
    weak || !/^[1-9]\d*$/.test(tag) ? [] : [Number(tag)],
  );
}
