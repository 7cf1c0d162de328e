import { expect, test } from 'vitest';
import { BucketHistogram, seriesKey } from './bucket-histogram.ts';

const OPTIONS = { name: 'friday_test_seconds', help: 'A test.', buckets: [0.1, 1] } as const;

test('a value counts in its bucket and in all above, as many times as it weighs', () => {
  const histogram = new BucketHistogram(OPTIONS);
  histogram.observe(0.1);
  histogram.observe(0.5, 1_000);
  histogram.observe(7, 2);
  expect(histogram.render()).toBe(`# HELP friday_test_seconds A test.
# TYPE friday_test_seconds histogram
friday_test_seconds_bucket{le="0.1"} 1
friday_test_seconds_bucket{le="1"} 1001
friday_test_seconds_bucket{le="+Inf"} 1003
friday_test_seconds_sum 514.1
friday_test_seconds_count 1003
`);
});

test('without labels it is there from the start, with labels as soon as there is something', () => {
  expect(new BucketHistogram(OPTIONS).render()).toContain('friday_test_seconds_count 0');
  const histogram = new BucketHistogram({ ...OPTIONS, labels: ['route', 'status'] });
  expect(histogram.render()).not.toContain('_count');
  histogram.observe(0.2, 1, seriesKey('/a"\\', 200));
  expect(histogram.render()).toContain('friday_test_seconds_bucket{route="/a\\"\\\\",status="200",le="1"} 1');
});

test('its series are bounded: what comes too many is counted as other', () => {
  const histogram = new BucketHistogram({ ...OPTIONS, labels: ['route'] });
  for (let route = 0; route < 5_000; route++) histogram.observe(0.2, 1, `/${route}`);
  const counts = histogram.render().match(/^friday_test_seconds_count.*$/gm) ?? [];
  expect(counts.length).toBe(1_001);
  expect(counts).toContain('friday_test_seconds_count{route="other"} 4000');
});
