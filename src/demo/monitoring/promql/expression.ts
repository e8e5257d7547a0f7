/** A PromQL expression; durations and times in seconds. */
export type Expression =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | Selector
  | { readonly type: 'matrix'; readonly selector: Selector; readonly range: number }
  | { readonly type: 'subquery'; readonly inner: Expression; readonly range: number; readonly step: number | null; readonly shift: Shift }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | Aggregation
  | BinaryOperation
  | { readonly type: 'negation'; readonly inner: Expression };

export interface Selector {
  readonly type: 'selector';
  readonly matchers: readonly Matcher[];
  readonly shift: Shift;
}

/** `offset` and `@`: where in time a selector looks. */
export interface Shift {
  readonly offset: number;
  readonly at: number | 'start' | 'end' | null;
}

export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  readonly matches: (value: string) => boolean;
}

export interface Aggregation {
  readonly type: 'aggregation';
  readonly op: string;
  readonly parameter: Expression | null;
  readonly inner: Expression;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface BinaryOperation {
  readonly type: 'binary';
  readonly op: string;
  readonly left: Expression;
  readonly right: Expression;
  readonly bool: boolean;
  readonly matching: VectorMatching;
}

export interface VectorMatching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly card: 'one-to-one' | 'many-to-one' | 'one-to-many';
  /** Labels taken over from the "one" side. */
  readonly include: readonly string[];
}
