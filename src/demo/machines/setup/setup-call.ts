/** What a script of guided setup asks of a machine. The machines of the demo run no bash: they know the steps by name. */
export type SetupCall = StepCall | { readonly kind: 'detect' } | { readonly kind: 'checks'; readonly cluster: boolean; readonly checks: readonly StepAsked[] };

export interface StepCall extends StepAsked {
  readonly kind: 'step';
  /** What the phase runs. */
  readonly body: string;
  readonly phase: 'check' | 'apply' | 'verify' | 'undo';
  readonly holder: string;
  /** Whether nobody else may be at work there meanwhile. */
  readonly locked: boolean;
  /** Whether it takes effect at the next boot. */
  readonly reboots: boolean;
  /** Whether it is done where kubectl runs, and not to the machine. */
  readonly cluster: boolean;
}

export interface StepAsked {
  readonly step: string;
  /** Values of the variables that its script sees. */
  readonly values: ReadonlyMap<string, string>;
  /** Its rendered files by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly overwrite: boolean;
}

/** Reads a script on the standard input of bash; null for one that is none of guided setup's. */
export function parseSetupCall(script: string): SetupCall | null {
  if (/^device=\$\(ip -o -4 route show default/m.test(script)) return { kind: 'detect' };
  if (!script.trimEnd().endsWith('{ start; exit; }')) return null;
  const files = heredocs(script);
  return stepCall(script, files) ?? checksCall(script, files);
}

function stepCall(script: string, files: ReadonlyMap<string, string>): StepCall | null {
  // What the step itself assigns stands below its files.
  const values = assignments(script.slice(0, Math.max(0, script.indexOf('\nstep_files() {\n'))));
  const [, body = ''] = /\nstep_phase\(\) \{\n([\s\S]*?)\n\}\n/.exec(script) ?? [];
  const phase = phases.find((each) => each === values.get('FRAME_PHASE'));
  const step = values.get('STEP') ?? '';
  if (phase === undefined || step === '') return null;
  return {
    kind: 'step',
    phase,
    body,
    step,
    values,
    files: below('$FILES/', files),
    overwrite: values.get('OVERWRITE') === 'yes',
    holder: values.get('FRAME_HOLDER') ?? '',
    locked: values.get('FRAME_LOCKED') === 'yes',
    reboots: values.get('FRAME_REBOOTS') === 'yes',
    cluster: values.get('FRAME_MARKS') === 'cluster',
  };
}

function checksCall(script: string, files: ReadonlyMap<string, string>): SetupCall | null {
  const ids = /^ids=\((.*)\)$/m.exec(script)?.[1];
  if (ids === undefined) return null;
  const checks = [...ids.matchAll(word)].map(([id], index) => {
    return {
      step: unquoted(id),
      values: assignments((files.get(`$WORK/${index}.sh`) ?? '').split('\nstep_phase() {\n')[0] ?? ''),
      files: below(`$WORK/${index}/`, files),
      overwrite: false,
    };
  });
  return { kind: 'checks', cluster: /\bMARKS=cluster\b/.test(script), checks };
}

function below(folder: string, files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...files].flatMap(([path, text]) => (path.startsWith(folder) ? [[path.slice(folder.length), text] as const] : [])));
}

const phases = ['check', 'apply', 'verify', 'undo'] as const;

/** A word as the program's own quoting writes it. */
const word = /(?:'[^']*'|\\'|[\w@%+:,./-])+/g;

/** `NAME=value` at the start of lines; the last of a name counts. */
function assignments(script: string): ReadonlyMap<string, string> {
  return new Map([...script.matchAll(/^([A-Z][A-Z0-9_]*)=((?:'[^']*'|\\'|[\w@%+:,./-])*)$/gm)].map(([, name = '', value = '']) => [name, unquoted(value)]));
}

function unquoted(value: string): string {
  return value.replaceAll(/'([^']*)'|\\(')/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? '');
}

/** Files that the script writes for itself, by the path that it names them with. */
function heredocs(script: string): ReadonlyMap<string, string> {
  return new Map(
    [...script.matchAll(/^base64 -d >"([^"]+)" <<'\.'\n((?:[A-Za-z0-9+/=]+\n)*)\.$/gm)].map(([, path = '', text = '']) => [
      path,
      Buffer.from(text, 'base64').toString(),
    ]),
  );
}
