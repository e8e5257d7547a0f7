import { ParseError } from './errors.js';
import type { BinaryOperation, Expression } from './expression.js';
import { signatureOf, type ValueType } from './signatures.js';

/** Refuses an expression whose parts do not fit together, with Prometheus' words; gives the type of its value. */
export function checkTypes(query: string, expression: Expression): ValueType {
  const fail = (what: string): never => {
    throw new ParseError(query, 0, what);
  };
  switch (expression.type) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
      return 'vector';
    case 'matrix':
      return 'matrix';
    case 'subquery': {
      const inner = checkTypes(query, expression.inner);
      if (inner !== 'vector') fail(`subquery is only allowed on instant vector, got ${spoken[inner]} instead`);
      return 'matrix';
    }
    case 'negation': {
      const inner = checkTypes(query, expression.inner);
      if (inner !== 'vector' && inner !== 'scalar')
        fail(`unary expression only allowed on expressions of type scalar or instant vector, got "${spoken[inner]}"`);
      return inner;
    }
    case 'call':
      return checkCall(query, expression, fail);
    case 'aggregation': {
      const inner = checkTypes(query, expression.inner);
      if (inner !== 'vector') fail(`expected type instant vector in aggregation expression, got ${spoken[inner]}`);
      const parameter = expression.parameter === null ? null : checkTypes(query, expression.parameter);
      const wanted = expression.op === 'count_values' ? 'string' : 'scalar';
      if (parameter !== null && parameter !== wanted) fail(`expected type ${wanted} in aggregation parameter, got ${spoken[parameter]}`);
      return 'vector';
    }
    case 'binary':
      return checkBinary(query, expression, fail);
  }
}

const spoken: Readonly<Record<ValueType, string>> = { scalar: 'scalar', vector: 'instant vector', matrix: 'range vector', string: 'string' };

type Fail = (what: string) => never;

function checkCall(query: string, call: Extract<Expression, { type: 'call' }>, fail: Fail): ValueType {
  const signature = signatureOf(call.name) ?? fail(`unknown function with name ${JSON.stringify(call.name)}`);
  const { args, required, variadic, returns } = signature;
  if (call.args.length < required) {
    fail(`expected ${required === args.length && !variadic ? '' : 'at least '}${required} argument(s) in call to "${call.name}", got ${call.args.length}`);
  }
  if (!variadic && call.args.length > args.length) {
    fail(`expected ${required === args.length ? '' : 'at most '}${args.length} argument(s) in call to "${call.name}", got ${call.args.length}`);
  }
  for (const [index, argument] of call.args.entries()) {
    const wanted = args[Math.min(index, args.length - 1)];
    const got = checkTypes(query, argument);
    if (wanted !== undefined && got !== wanted) fail(`expected type ${spoken[wanted]} in call to function "${call.name}", got ${spoken[got]}`);
  }
  return returns;
}

function checkBinary(query: string, { op, left, right, bool, matching }: BinaryOperation, fail: Fail): ValueType {
  const types = [checkTypes(query, left), checkTypes(query, right)];
  if (types.some((type) => type !== 'scalar' && type !== 'vector')) fail('binary expression must contain only scalar and instant vector types');
  const comparison = ['==', '!=', '<', '<=', '>', '>='].includes(op);
  const set = ['and', 'or', 'unless'].includes(op);
  if (bool && !comparison) fail('bool modifier can only be used on comparison operators');
  if (comparison && !bool && types.every((type) => type === 'scalar')) fail('comparisons between scalars must use BOOL modifier');
  if (set && types.includes('scalar')) fail(`set operator ${JSON.stringify(op)} not allowed in binary scalar expression`);
  if (set && matching.card !== 'one-to-one') fail(`no grouping allowed for ${JSON.stringify(op)} operation`);
  if (types.includes('scalar') && (matching.on || matching.labels.length > 0)) fail('vector matching only allowed between instant vectors');
  const shared = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined;
  if (shared !== undefined) fail(`label ${JSON.stringify(shared)} must not occur in ON and GROUP clause at once`);
  return types.includes('vector') ? 'vector' : 'scalar';
}
