/** A policy turns the axes into a decision: data, named in the report. It can change the decision, never an axis. */
import { z } from 'zod/mini';

const answers = {
  hardware: z.enum(['genuine', 'counterfeit', 'unproven']),
  software: z.enum(['genuine', 'altered', 'unproven']),
  custody: z.enum(['authorised', 'broken', 'unproven']),
  nature: z.enum(['modified', 'foreign', 'mixed', 'downgraded']),
};

/** What a rule asks of a verdict; what it leaves out it does not ask. All of it must hold. */
const conditionSchema = z.strictObject({
  hardware: z.optional(z.array(answers.hardware)),
  software: z.optional(z.array(answers.software)),
  custody: z.optional(z.array(answers.custody)),
  nature: z.optional(z.array(answers.nature)),
  /** Where software is unproven: its reach is at least this. */
  softwareReach: z.optional(z.enum(['app', 'framework', 'kernel', 'bootloader'])),
  /** Where hardware is unproven: its reach is at least this. */
  hardwareReach: z.optional(z.enum(['app', 'framework', 'kernel', 'bootloader'])),
  /** False: asks that no strong finding is there on any axis. */
  strongFinding: z.optional(z.literal(false)),
  /** True: asks that the model is older than hardware key attestation. */
  beforeAttestation: z.optional(z.literal(true)),
});

export const policySchema = z.strictObject({
  format: z.literal('assay.policy/1'),
  name: z.string(),
  /** How long a decision holds, in days. */
  validDays: z.int().check(z.positive(), z.maximum(365)),
  /** The first rule whose conditions all hold decides; where none does, the decision is hold. */
  rules: z.array(z.strictObject({ when: conditionSchema, decide: z.enum(['accept', 'hold', 'reject']), because: z.string() })),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicyCondition = z.infer<typeof conditionSchema>;
export type Decision = Policy['rules'][number]['decide'];

const acceptGenuine: Policy['rules'][number] = {
  when: { hardware: ['genuine'], software: ['genuine'], custody: ['authorised', 'unproven'] },
  decide: 'accept',
  because: 'hardware and software are proven genuine, and nothing speaks against its custody',
};

const rejectAgainst: readonly Policy['rules'][number][] = [
  { when: { hardware: ['counterfeit'] }, decide: 'reject', because: 'the hardware is not the model claimed' },
  { when: { software: ['altered'] }, decide: 'reject', because: "the software is not the maker's own" },
  { when: { custody: ['broken'] }, decide: 'reject', because: 'its identity is not its own, or its path is broken' },
];

/** Nothing found by checks that a changed kernel could not have escaped: all that a phone older than attestation can show without its images. */
const nothingFound: PolicyCondition = {
  hardware: ['genuine', 'unproven'],
  software: ['genuine', 'unproven'],
  custody: ['authorised', 'unproven'],
  softwareReach: 'kernel',
  strongFinding: false,
};

const acceptOldUnproven: Policy['rules'][number] = {
  when: { ...nothingFound, beforeAttestation: true },
  decide: 'accept',
  because: 'nothing was found by tests that a changed kernel would not have escaped, and the model is older than attestation',
};

const acceptAnyUnproven: Policy['rules'][number] = {
  when: nothingFound,
  decide: 'accept',
  because: 'nothing was found by tests that a changed kernel would not have escaped',
};

export const labPolicy: Policy = { format: 'assay.policy/1', name: 'lab', validDays: 30, rules: [...rejectAgainst, acceptGenuine] };

export const tradePolicy: Policy = {
  format: 'assay.policy/1',
  name: 'trade',
  validDays: 7,
  rules: [...rejectAgainst, acceptGenuine, acceptOldUnproven],
};

export const ownerPolicy: Policy = {
  format: 'assay.policy/1',
  name: 'owner',
  validDays: 30,
  rules: [
    { when: { hardware: ['counterfeit'] }, decide: 'reject', because: 'the hardware is not the model claimed' },
    {
      when: { software: ['altered'], nature: ['foreign'] },
      decide: 'hold',
      because: "the software is another system than the maker's; if you put it there, that is yours to judge",
    },
    { when: { software: ['altered'] }, decide: 'reject', because: "the software is not the maker's own" },
    {
      when: { custody: ['broken'] },
      decide: 'hold',
      because: 'its identity or its path has a contradiction that its seller may be able to explain',
    },
    acceptGenuine,
    acceptAnyUnproven,
  ],
};

export const policies: Readonly<Record<'lab' | 'trade' | 'owner', Policy>> = { lab: labPolicy, trade: tradePolicy, owner: ownerPolicy };
