/**
 * Progress without a terminal: one line for each thing that happened, none for what is about to.
 */
import type { EngineEvent } from '../engine/engine.ts';
import type { Plan, Step } from '../engine/plan.ts';
import { noteLine } from './output.ts';
import { doneText, secondsText, targetText } from './step-text.ts';

export function plainProgress(write: (line: string) => void = noteLine): (event: EngineEvent) => void {
  let plan: Plan | undefined;
  const stepOf = (id: number): Step | undefined => plan?.steps.find((step) => step.id === id);
  return (event) => {
    if (event.type === 'plan') plan = event.plan;
    const text = lineOf(event, stepOf);
    if (text !== undefined) write(text);
  };
}

function lineOf(event: EngineEvent, stepOf: (id: number) => Step | undefined): string | undefined {
  switch (event.type) {
    case 'notice':
      return event.level === 'warning' ? `warning: ${event.text}` : event.text;
    case 'step-done': {
      const step = stepOf(event.step);
      if (!step) return undefined;
      const note = event.note ? `; ${event.note}` : '';
      return `${targetText(step.target)} ${doneText(step)} (${secondsText(event.ms)}${note})`;
    }
    case 'step-failed': {
      const step = stepOf(event.step);
      return step && `${targetText(step.target)} failed`;
    }
    case 'step-skipped': {
      const step = stepOf(event.step);
      return step && `${targetText(step.target)} left out: ${event.because}`;
    }
    default:
      return undefined;
  }
}
