import { expect, test } from 'vitest';
import { REALTIME_SETTINGS, realtimeSettings } from './settings.ts';

test('defaults hold where nothing is given', () => {
  expect(realtimeSettings()).toMatchObject({ heartbeatSeconds: 25, authTimeoutSeconds: 5, tokenExpiringSeconds: 60 });
  expect(realtimeSettings({ heartbeatSeconds: 10 })).toMatchObject({ heartbeatSeconds: 10, authTimeoutSeconds: 5 });
});

test.each(Object.entries(REALTIME_SETTINGS))('%s: its default is within its bounds, and it is described', (_name, setting) => {
  expect(setting.default).toBeGreaterThanOrEqual(setting.min);
  expect(setting.default).toBeLessThanOrEqual(setting.max);
  expect(setting.description).toMatch(/\.$/);
});
