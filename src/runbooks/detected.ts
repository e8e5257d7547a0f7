import type { SetupHost } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { addressNumber, networkText, parseCidr } from './cidr.js';
import type { VariableSpec } from './playbook.js';
import { valueProblem } from './value-types.js';

/** What a host says of itself; null for what it does not. */
export interface HostTold {
  /** The network of the interface that the default route goes out of. */
  readonly nodeCidr: string | null;
  /** Who logs in. */
  readonly user: string | null;
  /** Display devices of NVIDIA on the PCI bus, virtual functions left out. */
  readonly gpus: number | null;
  /** Container runtimes that are installed. */
  readonly runtimes: readonly string[];
  /** `ubuntu 24.04` */
  readonly os: string | null;
  readonly memoryBytes: number | null;
}

/** Bash that tells it, in lines of a word and a value. Needs no root, changes nothing, and says nothing of what it cannot see. */
export const detectScript = String.raw`
export LC_ALL=C
device=$(ip -o -4 route show default 2>/dev/null | sed -n -e 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
if [ -n "$device" ]; then
  ip -o -4 address show dev "$device" scope global 2>/dev/null | awk '{ print "address", $4; exit }'
fi
if [ -n "$SUDO_USER" ]; then echo "user $SUDO_USER"; else echo "user $(id -un)"; fi
if [ -d /sys/bus/pci/devices ]; then
  gpus=0
  for device in /sys/bus/pci/devices/*; do
    [ "$(cat "$device/vendor" 2>/dev/null)" = 0x10de ] || continue
    case $(cat "$device/class" 2>/dev/null) in 0x03*) [ -e "$device/physfn" ] || gpus=$((gpus + 1)) ;; esac
  done
  echo "gpus $gpus"
fi
for runtime in crio containerd; do
  if command -v "$runtime" >/dev/null 2>&1; then echo "runtime $runtime"; fi
done
if [ -r /etc/os-release ]; then
  (. /etc/os-release && echo "os $ID $VERSION_ID")
fi
awk '/^MemTotal:/ { printf "memory %d\n", $2 * 1024 }' /proc/meminfo 2>/dev/null
exit 0
`.trimStart();

/** Reads what the script says. */
export function parseHostTold(output: string): HostTold {
  const said = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [, word = '', value = ''] = /^([a-z]+) (.+)$/.exec(clean(line, 200).trim()) ?? [];
    said.set(word, [...(said.get(word) ?? []), value]);
  }
  const first = (word: string) => said.get(word)?.[0] ?? null;
  const cidr = parseCidr(first('address') ?? '');
  const whole = (word: string) => (/^\d{1,15}$/.test(first(word) ?? '') ? Number(first(word)) : null);
  return {
    nodeCidr: cidr === null ? null : networkText(cidr),
    user: first('user'),
    gpus: whole('gpus'),
    runtimes: said.get('runtime') ?? [],
    os: first('os'),
    memoryBytes: whole('memory'),
  };
}

/** Values of variables, from what the hosts said and from the inventory. Where hosts say different things, nothing is taken for true. */
export function detectedValues(
  told: ReadonlyMap<string, HostTold>,
  hosts: readonly SetupHost[],
  specs: Readonly<Record<string, VariableSpec>>,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = spec.detect === null ? null : detected(spec.detect, told, hosts);
    if (value !== null && valueProblem(spec, value) === null) values[name] = value;
  }
  return values;
}

/** The name or address under which the API is reached: the load balancer's, else the first control plane's; null where there is neither. */
export function apiEndpoint(hosts: readonly SetupHost[]): string | null {
  const found = hosts.find(({ roles }) => roles.includes('load-balancer')) ?? hosts.find(({ roles }) => roles.includes('control-plane'));
  return found?.address ?? null;
}

function detected(what: string, told: ReadonlyMap<string, HostTold>, hosts: readonly SetupHost[]): string | null {
  const of = (role: SetupHost['roles'][number]) => hosts.filter(({ roles }) => roles.includes(role)).flatMap(({ name }) => told.get(name) ?? []);
  switch (what) {
    case 'api-endpoint':
      return apiEndpoint(hosts);
    case 'node-cidr':
      return nodeNetwork(
        [...told.values()].map(({ nodeCidr }) => nodeCidr),
        hosts,
      );
    case 'admin-user': {
      const users = of('control-plane').map(({ user }) => user);
      return same(users.length > 0 ? users : [...told.values()].map(({ user }) => user));
    }
    case 'expected-gpus': {
      const gpus = same(of('gpu').map((host) => (host.gpus === null ? null : String(host.gpus))));
      return gpus === '0' ? null : gpus;
    }
    case 'runtime':
      return same([...told.values()].map(({ runtimes }) => (runtimes.length === 1 ? (runtimes[0] ?? null) : null)));
    case 'os':
      return same([...told.values()].map(({ os }) => os));
    default:
      return null;
  }
}

/** The network that all hosts named, unless one of their addresses is outside of it. */
function nodeNetwork(networks: readonly (string | null)[], hosts: readonly SetupHost[]): string | null {
  const network = same(networks);
  const cidr = network === null ? null : parseCidr(network);
  if (cidr === null) return null;
  const outside = hosts.some(({ address }) => {
    const number = addressNumber(address);
    return number !== null && (number < cidr.first || number > cidr.last);
  });
  return outside ? null : network;
}

/** What all of them say; null where any says nothing or something else. */
function same(said: readonly (string | null)[]): string | null {
  const [first = null] = said;
  return said.every((value) => value === first) ? first : null;
}
