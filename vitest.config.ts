import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The distribution's Chromium: no browser of a test tool's own is downloaded. */
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

/** The rooms whose tests run in Node and in Chromium from the same files; a test that needs Node is named `*.node.test.ts`. */
const pureRooms = [
  'bytes',
  'formats',
  'evidence',
  'knowledge',
  'references',
  'acquire',
  'challenges',
  'checks',
  'verdict',
  'provenance',
  'report',
];

/** Files of minutes: begun last, one of them would run alone at the end. */
const LONG = /\/(lab|challenge\.node|foreign\.node|acquire-live\.node|attest-cli)\.test\.ts$/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    passWithNoTests: false,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: 'node',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
          testTimeout: 30_000,
          // After those of the browser, which gives up where two cores have no time for its connection.
          sequence: { groupOrder: 2 },
        },
      },
      ...(chromium === undefined
        ? []
        : [
            {
              test: {
                name: 'browser',
                include: pureRooms.map((room) => `src/${room}/**/*.test.ts`),
                exclude: ['**/*.node.test.ts'],
                testTimeout: 30_000,
                sequence: { groupOrder: 1 },
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  instances: [{ browser: 'chromium' as const }],
                  provider: playwright({
                    launchOptions: {
                      executablePath: chromium,
                      args: [
                        '--no-sandbox',
                        '--disable-gpu',
                        '--disable-quic',
                        '--no-first-run',
                        '--disable-background-networking',
                        '--disable-component-update',
                        '--disable-sync',
                      ],
                    },
                  }),
                },
              },
            },
          ]),
    ],
  },
});
