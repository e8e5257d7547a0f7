/** A table of `--format=csv`: the fields by name without their units, and the rows, each with a cell for every field. */
export interface CsvTable {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Reads the tables in a text. nvidia-smi quotes nothing; names of fields are told by their form (`memory.used [MiB]`, `pstate`), and a process name with a comma in it keeps it.
 * Lines that are no row of a table are handed back: nvidia-smi prints its errors between them.
 */
export function csvTables(text: string): { readonly tables: readonly CsvTable[]; readonly others: readonly string[]; readonly broken: string | null } {
  const tables: { fields: readonly string[]; rows: (readonly string[])[] }[] = [];
  const others: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const fields = headerOf(line);
    const table = tables.at(-1);
    if (fields !== null) tables.push({ fields, rows: [] });
    else if (table === undefined || sentence.test(line)) others.push(line);
    else {
      const cells = cellsOf(line, table.fields);
      if (cells === null) return { tables, others, broken: `its row ${table.rows.length + 1} does not have the ${table.fields.length} fields of the header` };
      table.rows.push(cells);
    }
  }
  return { tables, others, broken: isCut(text) ? 'its last line ends in the middle' : null };
}

/** Where amounts have units, a number that ends the text without one (`31.2` of `31.23 W`) may be half of itself. */
function isCut(text: string): boolean {
  const [header = '', ...rows] = text.split(/\r?\n/);
  return /\[[^\]]{1,12}\]\s*$/.test(header) && rows.some((row) => /\d (?:MiB|W|%|MHz)(?:,|$)/.test(row)) && /[, ]\d+\.?\d*$/.test(rows.at(-1) ?? '');
}

const sentence = /^(?:unable to|failed to|no devices|warning|error|nvidia-smi has failed)/i;

/** Fields that are in every table worth reading; a row of values has none of them as a word of its own. */
const telling =
  /^(?:(?:gpu_)?(?:name|uuid|serial)|index|count|pid|pstate|timestamp|driver_version|process_name|(?:memory|utilization|temperature|power|pci|clocks|fan|ecc|mig)\..+|gpu_bus_id|used_(?:gpu_)?memory)$/;

function headerOf(line: string): readonly string[] | null {
  const fields = line.split(',').map((field) =>
    field
      .trim()
      .replace(/\s*\[[^\]]{1,12}\]$/, '')
      .toLowerCase(),
  );
  if (!fields.every((field) => /^[a-z][a-z0-9_.-]{0,80}$/.test(field))) return null;
  return fields.some((field) => telling.test(field)) ? fields : null;
}

function cellsOf(line: string, fields: readonly string[]): readonly string[] | null {
  const cells = line.split(', ').map((cell) => cell.trim());
  const surplus = cells.length - fields.length;
  if (surplus === 0) return cells;
  const name = fields.findIndex((field) => field === 'process_name' || field === 'name');
  if (surplus < 0 || name === -1 || fields.includes('index')) return null;
  return [...cells.slice(0, name), cells.slice(name, name + surplus + 1).join(', '), ...cells.slice(name + surplus + 1)];
}
