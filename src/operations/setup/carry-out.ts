import type { Signature } from '../../diagnosis/signature.js';
import { pause } from '../../kube/backoff.js';
import { clusterColumn } from '../../runbooks/inventory.js';
import type { StepSpec } from '../../runbooks/playbook.js';
import { maskedScript, type Phase, type RenderedFile } from '../../runbooks/step-script.js';
import { clockTime, localDay } from '../../text/moment.js';
import type { SetupBook } from './book.js';
import type { SetupChronicle } from './chronicle.js';
import type { DoOptions, EngineOptions } from './engine.js';
import type { Given } from './given.js';
import { hostWords } from './host-words.js';
import { type Checked, type PhaseOptions, runChecks, runPhase } from './phases.js';
import { hostReboots } from './reboot.js';
import type { SecretWords } from './secret-words.js';
import { type Diagnose, stepDiagnoses } from './step-diagnosis.js';
import { type LifeEnd, type LifeWorld, liveStep, takeBack } from './step-life.js';
import { type CellRef, cellKey, type Seats, type Work } from './work.js';

export interface PractitionerOptions {
  readonly work: Work;
  readonly book: SetupBook;
  readonly seats: Seats;
  readonly given: Given;
  readonly secrets: SecretWords;
  readonly chronicle: () => SetupChronicle;
  readonly signatures: readonly Signature[];
  readonly prelude: string;
  /** `alice@laptop`. */
  readonly who: string;
  readonly leaving: AbortSignal;
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

/** Does the work that the engine orders, on the machines. */
export interface Practitioner extends Pick<EngineOptions, 'carryOut' | 'look' | 'machine'> {
  /** The end of what a step said when it last ran in a column, oldest first. */
  output(cell: CellRef): readonly string[];
}

export function practitioner(options: PractitionerOptions): Practitioner {
  const { work, book, seats, given, secrets, signatures, prelude, who, leaving, now = Date.now } = options;
  const wait = options.pause ?? ((ms: number) => pause(ms, leaving));
  const steps = new Map(work.steps.map((step) => [step.id, step]));
  const outputs = new Map<string, string[]>();
  const recorded = new Set<string>();
  const diagnose: Diagnose = stepDiagnoses(signatures, work.steps);

  const valuesOf = (step: StepSpec, column: string, phase: Phase) => ({
    ...work.values(step.id, column),
    ...given.values(step),
    ...(phase === 'check' ? given.placeholders(step, column) : {}),
  });
  const holder = () => `${who} since ${localDay(now())} ${clockTime(now()).slice(0, 5)}`;

  const phaseOptions = (step: StepSpec, column: string, phase: Phase, files: readonly RenderedFile[]): PhaseOptions => ({
    step,
    phase,
    values: valuesOf(step, column, phase),
    files,
    prelude,
    holder: holder(),
    secretNames: new Set([...work.secretNames, ...work.steps.flatMap(({ gives }) => gives)]),
    secrets,
  });

  const worldOf = (cell: CellRef, step: StepSpec, wish: DoOptions): LifeWorld => {
    const seat = seats(cell.column);
    const kept: string[] = [];
    const tell = (line: string) => {
      kept.push(line);
      if (kept.length > mostKept) kept.splice(0, kept.length - mostKept);
    };
    const phase: LifeWorld['phase'] = (name, { onLine, ...how }) => {
      const files = name === 'undo' ? undoFiles(step, cell.column) : work.files(step, valuesOf(step, cell.column, name));
      return runPhase(seat, { ...phaseOptions(step, cell.column, name, files), ...how, ...(onLine === undefined ? {} : { onLine }) });
    };
    return {
      step,
      phase,
      reboots: hostReboots({
        step,
        name: cell.column,
        seat,
        cluster: clusterSeat(),
        script: (body) => runPhase(seat, { ...phaseOptions({ ...step, check: body }, cell.column, 'check', []), alone: true }),
        pause: wait,
        leaving,
        now,
      }),
      show: (state) => book.show(cell, state),
      async record(name) {
        const chronicle = options.chronicle();
        const values = valuesOf(step, cell.column, name);
        const commands = maskedScript({ phase: name, step, values, secrets: phaseOptions(step, cell.column, name, []).secretNames });
        const record = await chronicle.begin(cell, { step, phase: name, commands: commands.map(secrets.shown) });
        outputs.set(cellKey(cell), kept);
        recorded.add(cellKey(cell));
        return {
          ...record,
          line(text) {
            tell(text);
            record.line(text);
          },
        };
      },
      diagnose,
      lacking: () => given.lacking(step, cell.column),
      give: given.keep,
      refusal:
        step.risk === 'destructive' && wish.typed?.trim() !== work.clusterName
          ? `it destroys what does not come back: type ${work.clusterName} to confirm`
          : null,
      overwrite: wish.overwrite,
      again: wish.again,
      anew: wish.anew,
      stopping: wish.stopping,
      leaving,
      pause: wait,
      now,
    };
  };

  /** What is taken back needs no more than their names. */
  const undoFiles = (step: StepSpec, column: string): readonly RenderedFile[] => {
    try {
      return work.files(step, valuesOf(step, column, 'check'));
    } catch {
      return [];
    }
  };

  const clusterSeat = () => {
    try {
      return seats(clusterColumn);
    } catch {
      return null;
    }
  };

  return {
    async carryOut(cell, wish): Promise<LifeEnd> {
      const step = steps.get(cell.step);
      try {
        if (step === undefined) throw new Error(`there is no step ${cell.step}`);
        const world = worldOf(cell, step, wish);
        return await (wish.job === 'undo' ? takeBack(world) : liveStep(world));
      } catch (error) {
        return { end: 'state', state: { state: 'failed', why: hostWords(error), diagnosis: null } };
      }
    },
    async look(cells, onChecked) {
      const columns = [...new Set(cells.map(({ column }) => column))];
      await Promise.all(
        columns.map(async (column) => {
          const unknown = (step: string, error: unknown) =>
            onChecked({ step, column }, { state: { state: 'unknown', why: hostWords(error) }, mark: 'none', lines: [] });
          const wanted = cells.filter((cell) => cell.column === column).flatMap(({ step }) => steps.get(step) ?? []);
          const checks = wanted.flatMap((step) => {
            try {
              const values = valuesOf(step, column, 'check');
              return [{ step, values, files: work.files(step, values) }];
            } catch (error) {
              unknown(step.id, error);
              return [];
            }
          });
          try {
            if (checks.length > 0)
              await runChecks(seats(column), { checks, prelude, secrets }, (id, checked) => {
                const step = steps.get(id);
                // What it said when it did something is worth more.
                if (!recorded.has(cellKey({ step: id, column }))) outputs.set(cellKey({ step: id, column }), [...checked.lines]);
                const names = step === undefined ? [] : Object.keys(given.placeholders(step, column));
                onChecked({ step: id, column }, names.length === 0 ? checked : withoutSecrets(checked, names));
              });
          } catch (error) {
            for (const { step } of checks) unknown(step.id, error);
          }
        }),
      );
    },
    machine(column) {
      try {
        return seats(column).machine;
      } catch {
        return column;
      }
    },
    output: (cell) => outputs.get(cellKey(cell)) ?? [],
  };
}

/** What is compared with a secret that is not known differs from it always. */
function withoutSecrets(checked: Checked, names: readonly string[]): Checked {
  if (checked.state.state !== 'missing' && checked.state.state !== 'drifted') return checked;
  return { ...checked, state: { state: 'unknown', why: `it can be seen only with ${names.join(', ')}, which is known when this runs` } };
}

const mostKept = 500;
