export * from './motion/index.ts';
export { planBrowser, QUESTION_NONCE, timeOf, touchPoints, writeBrowserQuestion } from './questions.ts';
export { type BrowserReading, type EngineReading, readBrowserRun } from './read-browser-run.ts';
