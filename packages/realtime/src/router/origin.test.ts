import { expect, test } from 'vitest';
import { originPolicy } from './origin.ts';

const plain = originPolicy({ allowed: [], loopback: false });

test.each([
  ['http://friday.example', 'friday.example', true],
  ['https://friday.example', 'friday.example', true],
  ['https://friday.example:443', 'friday.example', true],
  ['http://friday.example:8000', 'friday.example:8000', true],
  ['http://friday.example:8000', 'friday.example', false],
  ['https://evil.example', 'friday.example', false],
  ['https://friday.example.evil.example', 'friday.example', false],
  ['http://localhost:8000', 'friday.example', false],
  ['null', 'friday.example', false],
  ['file://', 'friday.example', false],
  ['no url', 'friday.example', false],
  ['http://friday.example', undefined, false],
  ['http://friday.example', 'not a host', false],
])('[P3] origin %s at host %s: %s, without any list', (origin, host, passes) => {
  expect(plain(origin, host)).toBe(passes);
});

test('[P3] the public URL and listed origins pass, with whatever path they were written', () => {
  const policy = originPolicy({
    publicUrl: 'https://friday.example/app',
    allowed: ['http://pages.example:3000/'],
    loopback: false,
  });
  expect(policy('https://friday.example', '10.0.0.5:8000')).toBe(true);
  expect(policy('http://pages.example:3000', '10.0.0.5:8000')).toBe(true);
  expect(policy('http://pages.example', '10.0.0.5:8000')).toBe(false);
  expect(policy('http://friday.example', '10.0.0.5:8000')).toBe(false);
});

test('[P3] on loopback the pages of this machine pass', () => {
  const policy = originPolicy({ allowed: [], loopback: true });
  expect(['http://localhost:5173', 'http://127.0.0.1:1', 'http://[::1]:1'].every((origin) => policy(origin, 'x'))).toBe(true);
  expect(policy('http://localhost.evil.example', 'x')).toBe(false);
});

test('[P3] a star lets every origin in, and what is no URL is never an origin on a list', () => {
  expect(originPolicy({ allowed: ['*'], loopback: false })('null', undefined)).toBe(true);
  expect(originPolicy({ allowed: ['null', 'file:///x'], loopback: false })('null', 'x')).toBe(false);
});
