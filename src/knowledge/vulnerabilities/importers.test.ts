import { describe, expect, test } from 'vitest';
import { isKernelStreams, isOsv, isSecurityState, rowsOfKernelStreams, rowsOfOsv, rowsOfSecurityState } from './index.ts';

/** As osv.dev writes an Android record. */
const record = (more: object = {}, affected: object = {}) => ({
  id: 'ASB-A-1',
  aliases: ['CVE-2025-0001', 'A-1'],
  modified: '2025-03-01T00:00:00Z',
  affected: [
    {
      package: { ecosystem: 'Android', name: 'platform/frameworks/base' },
      ranges: [
        { type: 'ECOSYSTEM', events: [{ introduced: '13:0' }, { fixed: '13:2025-03-01' }] },
        { type: 'ECOSYSTEM', events: [{ introduced: '14:0' }, { fixed: '14:2025-03-01' }] },
        { type: 'ECOSYSTEM', events: [{ introduced: '17-next:0' }, { fixed: '17-next:2025-03-01' }] },
      ],
      ecosystem_specific: { severity: 'High', spl: '2025-03-01' },
      ...affected,
    },
  ],
  ...more,
});

describe('OSV', () => {
  test('a record: its CVE, part, level, versions', () =>
    expect(rowsOfOsv(record(), 'osv@1')).toEqual({
      rows: [
        {
          id: 'CVE-2025-0001',
          name: undefined,
          part: 'platform',
          severity: 'High',
          level: '2025-03-01',
          versions: '13 14',
          fixedOn: '2025-03-01',
          fixedInKernel: undefined,
          sources: ['osv@1'],
        },
      ],
      left: [],
    }));
  test.each([
    [':linux_kernel:', 'kernel'],
    [':linux_kernel:Qualcomm', 'qualcomm'],
    [':linux_kernel:MediaTek', 'mediatek'],
    [':linux_kernel:Imagination Technologies', 'other-driver'],
    [':unspecified:', 'platform'],
    ['kernel/common', 'kernel'],
    ['platform/system/bt', 'platform'],
  ])('%s is %s', (name, part) =>
    expect(rowsOfOsv([record({}, { package: { ecosystem: 'Android', name } })], 'x').rows[0]?.part).toBe(part),
  );
  test('what cannot be used costs itself', () => {
    const { rows, left } = rowsOfOsv(
      [
        record({ withdrawn: '2025-04-01' }),
        record({}, { ranges: [], ecosystem_specific: {} }),
        { id: 'x' },
        7,
        record({}, { package: { ecosystem: 'npm', name: 'x' } }),
      ],
      'x',
    );
    expect(rows).toEqual([]);
    expect(left).toHaveLength(4);
  });
  test('one hole in two repositories is one row with the versions of both', () => {
    const both = record();
    const { rows } = rowsOfOsv(
      {
        ...both,
        affected: [
          ...both.affected,
          {
            package: { ecosystem: 'Android:12', name: 'platform/system/bt' },
            ranges: [{ type: 'ECOSYSTEM', events: [{ fixed: '12:2025-02-05' }] }],
          },
        ],
      },
      'x',
    );
    expect(rows).toMatchObject([{ versions: '13 14 12', level: '2025-02-05' }]);
  });
});

test('a security-state report: rows by level, and the kernels that levels ask for', () => {
  const report = {
    vulnerabilities: {
      '2024-01-05': [
        { cve_identifiers: ['CVE-2024-1', 'CVE-2024-2'], asb_identifiers: ['ASB-A-2'], severity: 'critical', components: ['system'] },
        { asb_identifiers: ['ASB-A-3'], components: ['com.android.modules.wifi'] },
      ],
      soon: [{}],
    },
    kernel_lts_versions: { '2024-01-05': ['5.10.198', 'x'] },
  };
  const read = rowsOfSecurityState(report, 's');
  expect(read.rows.map(({ id, part, severity, level }) => [id, part, severity, level])).toEqual([
    ['CVE-2024-1', 'platform', 'Critical', '2024-01-05'],
    ['CVE-2024-2', 'platform', 'Critical', '2024-01-05'],
    ['ASB-A-3', 'other-driver', undefined, '2024-01-05'],
  ]);
  expect(read).toMatchObject({ kernels: [{ level: '2024-01-05', versions: ['5.10.198'] }], left: ['"soon" is no level'] });
  expect(rowsOfSecurityState({ vulnerabilities: 7 }, 's')).toMatchObject({ rows: [], left: ['vulnerabilities'] });
});

test('kernel streams: the fix of each stream', () => {
  const table = {
    'CVE-2020-1': { '4.4': { cmt_id: 'x', fixed_version: '4.4.200' }, outstanding: { cmt_id: 'y' } },
    'CVE-2020-2': { '3.4': {} },
  };
  expect(rowsOfKernelStreams(table, 'k')).toMatchObject({
    rows: [{ id: 'CVE-2020-1', fixedInStreams: { '4.4': '4.4.200' } }],
    left: ['CVE-2020-2: no stream with its fix'],
  });
  expect(rowsOfKernelStreams({ x: 7 }, 'k').rows).toEqual([]);
});

test('the forms are told apart', () => {
  const osv = record();
  const state = { vulnerabilities: {} };
  const streams = { 'CVE-2020-1': {} };
  expect([osv, [osv], state, streams, {}, [], 7, null].map((one) => [isOsv(one), isSecurityState(one), isKernelStreams(one)])).toEqual([
    [true, false, false],
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [false, false, false],
    [false, false, false],
    [false, false, false],
    [false, false, false],
  ]);
});
