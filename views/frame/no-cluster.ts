import type { Connection } from '../../src/state/connection.js';
import { type Line, line } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';

/** The page in place of all screens while there is no cluster to look at: why, and the ways out. */
export function noClusterLines(connection: Extract<Connection, { status: 'unconfigured' | 'unusable' }>, width: number): readonly Line[] {
  const said = connection.status === 'unconfigured' ? nothingFound(connection.looked, width) : unusable(connection.why, connection.fix, width);
  return [
    [],
    ...said,
    [],
    line(['accent', 'enter'], '   open the demo cluster: a small GPU cluster inside this program'),
    line(['accent', ':'], '       go to: ', ['accent', 'ctx NAME'], ' another context, ', ['accent', 'demo SCENARIO'], ' another demo cluster'),
    line(['accent', 'r'], '       look again'),
    line(['accent', 'q'], '       quit'),
  ];
}

function nothingFound(looked: readonly string[], width: number): readonly Line[] {
  return [
    line(['strong', 'No kubeconfig was found, so there is no cluster to look at.']),
    [],
    line('Looked at:'),
    ...looked.flatMap((place) => wrap(place, width - 4).map((text, index) => line(index === 0 ? ['dim', '  · '] : '    ', text))),
    [],
    ...wrap('Name one with --kubeconfig FILE, set KUBECONFIG, or copy the control plane’s /etc/kubernetes/admin.conf to ~/.kube/config.', width).map((text) =>
      line(text),
    ),
  ];
}

function unusable(why: string, fix: string | null, width: number): readonly Line[] {
  const fixed = fix === null ? [] : [[], line(['strong', 'What mends it']), ...wrap(fix, width - 2).map((text) => line('  ', ['accent', text]))];
  return [line(['bad', '✗ '], ['strong', 'The kubeconfig cannot be used']), [], ...wrap(why, width).map((text) => line(text)), ...fixed];
}
