import type { Expectations } from '../config/expectations.js';
import type { CheckStatus, Evidence, Finding, Fix, Severity } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { NotSeen, type Sight, sightOf } from './sight.js';

/** One question of the post-reboot checklist. */
export interface Check {
  readonly id: string;
  /** What it asks, in a few words: "nodes are Ready". */
  readonly title: string;
  readonly severity: Severity;
  /** Checks whose failure can be the reason why this one fails; which of their findings is, is said by the findings' tags. */
  readonly dependsOn: readonly string[];
  /** One finding per object looked at, never none. */
  run(input: CheckInput): readonly LinkedFinding[];
}

export interface CheckInput {
  readonly snapshot: ClusterSnapshot;
  readonly expectations: Expectations;
  /** ms since the epoch. */
  readonly now: number;
}

/** A finding and how it hangs together with others: by tags such as `node/gpu-2` or `gpus/gpu-2`. */
export interface LinkedFinding extends Finding {
  /** The message without its details, for where a known failure tells the reason instead. */
  readonly headline?: string;
  /** Not done yet, and nothing to be mended: what logs say of it is about a moment that passes. */
  readonly underWay?: boolean;
  /** While this finding is bad, it is the reason for what carries one of these tags in `explainedBy`. */
  readonly explains: readonly string[];
  /** Explained when each group has a tag that a bad finding of a check in `dependsOn` explains. None: stands for itself. */
  readonly explainedBy: readonly (readonly string[])[];
}

/** What a check saw of one object; id and the usual severity are added by `defineCheck`. */
export interface Observation {
  /** `node/gpu-2`, `daemonset/kube-system/nvidia-device-plugin`, `pod/ns/name`, `target/job/instance`, `pvc/ns/name` or `cluster`. */
  readonly object: string;
  readonly status: CheckStatus;
  readonly message: string;
  /** Added to the message where no known failure says more. */
  readonly detail?: string;
  /** Not done yet, and nothing to be mended. */
  readonly underWay?: boolean;
  readonly severity?: Severity;
  readonly fix?: Fix | null;
  readonly evidence?: readonly Evidence[];
  readonly explains?: readonly string[];
  readonly explainedBy?: readonly (readonly string[])[];
}

export interface CheckDefinition {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly dependsOn?: readonly string[];
  /** What can be the reason when the check cannot see what it needs. */
  readonly unseenBecause?: readonly (readonly string[])[];
  /** Does not turn the verdict by what it cannot see: that is worth knowing only (info), and what the server does not have is skipped. */
  readonly unseenIsInfo?: boolean;
  /** May ask for any slice with `sight.see`: what cannot be seen turns the whole check into one `unknown` finding that says why. */
  look(sight: Sight): readonly Observation[];
}

export function defineCheck({ id, title, severity, dependsOn = [], unseenBecause = [], unseenIsInfo = false, look }: CheckDefinition): Check {
  const findings = (observations: readonly Observation[]): readonly LinkedFinding[] =>
    observations.map((seen) => ({
      id,
      object: seen.object,
      status: seen.status,
      severity: seen.severity ?? severity,
      message: seen.detail === undefined ? seen.message : `${seen.message}: ${seen.detail}`,
      ...(seen.detail === undefined ? {} : { headline: seen.message }),
      ...(seen.underWay === true ? { underWay: true } : {}),
      fix: seen.fix ?? null,
      ...(seen.evidence === undefined ? {} : { evidence: seen.evidence }),
      explains: seen.explains ?? none,
      explainedBy: seen.explainedBy ?? none,
    }));
  return {
    id,
    title,
    severity,
    dependsOn,
    run(input) {
      try {
        return findings(look(sightOf(input)));
      } catch (error) {
        if (!(error instanceof NotSeen)) throw error;
        const seen = { object: 'cluster', message: error.message, fix: error.fix, explainedBy: unseenBecause };
        if (!unseenIsInfo) return findings([{ ...seen, status: 'unknown' }]);
        return findings([error.isAbsent ? { ...seen, status: 'skipped' } : { ...seen, status: 'unknown', severity: 'info' }]);
      }
    },
  };
}

const none: readonly never[] = [];
