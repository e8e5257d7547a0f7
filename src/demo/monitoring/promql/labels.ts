/**
 * A label set as PromQL handles it: immutable, in name order, with the keys that grouping and matching ask for again and
 * again kept, because a range query asks for the same ones at every step.
 */
export class Labels {
  readonly pairs: readonly (readonly [string, string])[];
  #key: string | null = null;
  #nameless: Labels | null = null;

  /** `pairs` must be in name order and free of empty values; use {@link Labels.of} otherwise. */
  constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = pairs;
  }

  /** From a plain record; empty values mean "no such label", as in Prometheus. */
  static of(record: Readonly<Record<string, string>>): Labels {
    return new Labels(
      Object.entries(record)
        .filter(([, value]) => value !== '')
        .sort(byName),
    );
  }

  get(name: string): string {
    for (const pair of this.pairs) if (pair[0] === name) return pair[1];
    return '';
  }

  /** Identity of the set as a string. */
  get key(): string {
    this.#key ??= this.pairs.map(([name, value]) => `${name}\xff${value}`).join('\xfe');
    return this.#key;
  }

  /** The same without the metric's name: what functions and operators give. */
  get nameless(): Labels {
    this.#nameless ??= this.get('__name__') === '' ? this : this.without(['__name__']);
    return this.#nameless;
  }

  /** Only the labels named. */
  only(names: readonly string[]): Labels {
    return new Labels(this.pairs.filter(([name]) => names.includes(name)));
  }

  without(names: readonly string[]): Labels {
    return new Labels(this.pairs.filter(([name]) => !names.includes(name)));
  }

  /** With one label set anew; the empty value removes it. */
  with(name: string, value: string): Labels {
    const rest = this.pairs.filter(([other]) => other !== name);
    return new Labels(value === '' ? rest : [...rest, [name, value] as const].sort(byName));
  }

  /** As the HTTP API writes it. */
  toJSON(): Record<string, string> {
    return Object.fromEntries(this.pairs);
  }

  /** As Prometheus' error messages write it: `name{a="b"}`. */
  toString(): string {
    const inner = this.nameless.pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ');
    const name = this.get('__name__');
    return name !== '' && inner === '' ? name : `${name}{${inner}}`;
  }
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
