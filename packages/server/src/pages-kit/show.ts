import type { FastifyReply } from 'fastify';
import type { ComponentChildren } from 'preact';
import type { Puzzle } from '../captcha/index.ts';
import { contentPolicy, type PolicyExtras } from '../http/index.ts';
import { SURROUNDINGS } from './captcha-widget.tsx';
import { type Brand, renderPage } from './layout.tsx';

export interface Page<Script extends string = string> {
  title: string;
  content: ComponentChildren;
  status?: number;
  width?: 'narrow' | 'wide';
  /** Names of files below `/assets/`, without their ending. */
  scripts?: readonly Script[];
  looksAgainAt?: string;
  /** The page shows the CAPTCHA, if there is one. */
  hasCaptcha?: boolean;
}

interface Site {
  siteName: string;
  /** Null while CAPTCHA is off. */
  puzzle: Puzzle | null;
  brand?: Brand;
  /** What its pages may load or lead to beyond this server, whatever is on them. */
  policy?: PolicyExtras;
}

/** Answers with a whole document, under a content policy that allows just what is on it. */
export function showPage(reply: FastifyReply, { siteName, puzzle, brand, policy }: Site, page: Page) {
  const { title, content, status = 200, width = 'narrow', scripts, looksAgainAt, hasCaptcha } = page;
  const captcha = hasCaptcha && puzzle ? SURROUNDINGS[puzzle.kind] : undefined;
  if (captcha || policy)
    void reply.header('content-security-policy', contentPolicy({ ...policy, ...captcha?.policy }));
  const html = renderPage({ siteName, brand, title, width, scripts, looksAgainAt, captcha }, content);
  return reply.code(status).type('text/html; charset=utf-8').send(html);
}
