/** A query that cannot be understood: HTTP 400, `bad_data`. `position` counts characters from 0. */
export class ParseError extends Error {
  constructor(query: string, position: number, what: string) {
    const before = query.slice(0, position);
    const line = before.split('\n').length;
    const column = position - before.lastIndexOf('\n');
    super(`${line}:${column}: parse error: ${what}`);
  }
}

/** A query that is well formed but cannot be carried out on this data: HTTP 422, `execution`. */
export class ExecutionError extends Error {}
