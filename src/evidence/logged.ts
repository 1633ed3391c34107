/** What transparency logs say of the packages that were read, as facts. Which logs, and how they are asked, is whoever opened them: it comes as a port. */
import { type Facts, factsOf } from './fact.ts';
import { makeFact } from './reader.ts';
import type { LoggedPackage, PackageQuestion } from './values/index.ts';

/** Asks logs. Every answer rests on proven entries; no answer means that no log that was opened has the package. */
export type AskLogs = (questions: readonly PackageQuestion[]) => Promise<readonly LoggedPackage[]>;

/** Files asked about: a phone has some 500 packages. */
const QUESTIONS_MAX = 4096;

/** Adds the logs' answers to the facts. An answer is `signed`: what it is about, the file's digest, has the standing of its own fact. Logs that cannot be read cost themselves. */
export async function withLoggedFacts(facts: Facts, ask: AskLogs): Promise<Facts> {
  const questions = questionsOf(facts);
  if (questions.length === 0) return facts;
  let answers: readonly LoggedPackage[];
  try {
    answers = await ask(questions.map(({ question }) => question));
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { list: facts.list, unread: [...facts.unread, { artefact: 'transparency logs', because }] };
  }
  const list = [...facts.list];
  for (const { question, place } of questions) {
    const about = answers.filter((answer) => answer.path === question.path && answer.sha256 === question.sha256);
    if (about.length > 0) list.push(makeFact('logged-packages', about, { standing: 'signed', place }));
  }
  return { list, unread: facts.unread };
}

/** The base file of every package whose bytes were read: splits are logged under rules of their own, so they are not asked about. */
function questionsOf(facts: Facts) {
  const versions = new Map<string, { readonly package: string; readonly versionCode: number | undefined }>();
  for (const { value } of factsOf(facts, 'packages'))
    for (const { name, paths, versionCode } of value.packages)
      for (const path of paths) {
        const known = versions.get(path);
        versions.set(path, { package: name, versionCode: known?.versionCode ?? versionCode });
      }
  const questions = new Map<string, { readonly question: PackageQuestion; readonly place: (typeof facts.list)[number]['place'] }>();
  for (const fact of factsOf(facts, 'apks'))
    for (const apk of fact.value) {
      const installed = versions.get(apk.path);
      const name = apk.package ?? installed?.package;
      if (name === undefined || /\/split_[^/]*\.apk$/.test(apk.path) || questions.size >= QUESTIONS_MAX) continue;
      const question = { package: name, versionCode: installed?.versionCode, sha256: apk.sha256.toLowerCase(), path: apk.path };
      questions.set(apk.path, { question, place: fact.place });
    }
  return [...questions.values()];
}
