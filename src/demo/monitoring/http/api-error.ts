/** A request that the API refuses with HTTP 400 and errorType `bad_data`. */
export class BadData extends Error {}
