import { describe, expect, test } from 'vitest';
import type { Session, SessionStep } from '../src/generate/vector-schema.ts';
import { vectorContents } from '../src/generate/vectors.ts';
import { SessionModel } from './session-model.ts';

const { sessions } = vectorContents().sessions as { sessions: Session[] };

function play(session: Session, steps: readonly SessionStep[] = session.steps): SessionModel {
  const model = new SessionModel(session);
  for (const [index, step] of steps.entries()) {
    try {
      model.take(step);
    } catch (cause) {
      throw new Error(`Step ${index}, ${JSON.stringify(step)}, does not follow from the rules.`, { cause });
    }
  }
  return model;
}

describe('session scripts', () => {
  test.each(sessions)('$name: every step follows from the rules', (session) => {
    expect(play(session).finished).toBe(true);
  });

  test('every rule that a session can show is shown', () => {
    const shown = new Set(sessions.flatMap(({ rules }) => rules));
    for (const rule of ['P7', 'P8', 'P9', 'P12', 'P13', 'P15', 'P15b', 'P16', 'P19', 'P21', 'C1', 'C2', 'C3', 'C4']) {
      expect(shown).toContain(rule);
    }
  });

  test('a script that leaves out an event of the application does not pass', () => {
    const spoiled = sessions.map((session) => ({
      session,
      steps: session.steps.filter((step) => !('client_emits' in step) || step.client_emits.event !== 'notification'),
    }));
    const affected = spoiled.filter(({ session, steps }) => steps.length < session.steps.length);
    expect(affected.length).toBeGreaterThan(5);
    for (const { session, steps } of affected) expect(() => play(session, steps)).toThrow();
  });
});
