export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** What a function takes and gives; the arguments after `required` may be left out, and the last may repeat when `variadic`. */
export interface Signature {
  readonly args: readonly ValueType[];
  readonly required: number;
  readonly variadic: boolean;
  readonly returns: ValueType;
}

/** Signature of a PromQL function; null when there is no such function here. */
export function signatureOf(name: string): Signature | null {
  return signatures.get(name) ?? null;
}

const signatures = new Map<string, Signature>();

function define(names: string, args: readonly ValueType[], returns: ValueType = 'vector', required = args.length, variadic = false): void {
  for (const name of names.split(' ')) signatures.set(name, { args, required, variadic, returns });
}

define('rate irate increase delta idelta deriv resets changes', ['matrix']);
define('avg_over_time min_over_time max_over_time sum_over_time count_over_time last_over_time first_over_time', ['matrix']);
define('stddev_over_time stdvar_over_time mad_over_time present_over_time absent_over_time', ['matrix']);
define('predict_linear', ['matrix', 'scalar']);
define('quantile_over_time', ['scalar', 'matrix']);
define('abs ceil floor sqrt exp ln log2 log10 sgn sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh deg rad', ['vector']);
define('sort sort_desc absent timestamp', ['vector']);
define('round', ['vector', 'scalar'], 'vector', 1);
define('clamp', ['vector', 'scalar', 'scalar']);
define('clamp_min clamp_max', ['vector', 'scalar']);
define('histogram_quantile', ['scalar', 'vector']);
define('scalar', ['vector'], 'scalar');
define('vector', ['scalar']);
define('time pi', [], 'scalar');
define('minute hour day_of_week day_of_month day_of_year days_in_month month year', ['vector'], 'vector', 0);
define('label_replace', ['vector', 'string', 'string', 'string', 'string']);
define('label_join', ['vector', 'string', 'string', 'string'], 'vector', 3, true);
define('sort_by_label sort_by_label_desc', ['vector', 'string'], 'vector', 1, true);
