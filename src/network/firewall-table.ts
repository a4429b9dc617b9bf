/** The text of the whole nftables table with its elements: replaces the table that may be there, atomically. */
import type { Element } from './leases.ts';

/** Names and types of the sets and maps; keys of elements are written in the same order as the types. */
const SETS: [kind: 'set' | 'map', name: string, definition: string][] = [
  ['set', 'bridges', 'type ifname;'],
  ['set', 'same_bridge', 'type ifname . ifname;'],
  ['set', 'internal', 'type ifname;'],
  ['set', 'isolated', 'type ifname;'],
  ['set', 'strictly_isolated', 'type ifname;'],
  ['set', 'subnets4', 'type ipv4_addr; flags interval;'],
  ['set', 'subnets6', 'type ipv6_addr; flags interval;'],
  ['set', 'same_subnet4', 'type ipv4_addr . ipv4_addr; flags interval;'],
  ['set', 'same_subnet6', 'type ipv6_addr . ipv6_addr; flags interval;'],
  ['map', 'ports4', 'type inet_proto . inet_service : ipv4_addr . inet_service;'],
  ['map', 'ports6', 'type inet_proto . inet_service : ipv6_addr . inet_service;'],
  ['map', 'address_ports4', 'type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;'],
  ['map', 'address_ports6', 'type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service;'],
];

/**
 * `publish` serves packets to the host itself, from outside, from containers and from the host's own processes.
 * Connections from containers to a published port get the bridge's address as their source (`ct status dnat`): else
 * the answer of a neighbour on the same bridge would not come back through here. Loopback needs the same, and
 * `guard` keeps route_localnet from opening 127.0.0.0/8 of the host to containers (as in CVE-2020-8558).
 */
const CHAINS = `
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname @bridges ip daddr 127.0.0.0/8 drop
  }
  chain publish {
    meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport map @address_ports4
    meta l4proto { tcp, udp, sctp } dnat ip6 to ip6 daddr . meta l4proto . th dport map @address_ports6
    meta l4proto { tcp, udp, sctp } dnat ip to meta l4proto . th dport map @ports4
    meta l4proto { tcp, udp, sctp } dnat ip6 to meta l4proto . th dport map @ports6
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump publish
  }
  chain output {
    type nat hook output priority -100; policy accept;
    fib daddr type local jump publish
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 127.0.0.0/8 oifname @bridges masquerade
    ip saddr @subnets4 oifname @bridges ct status dnat masquerade
    ip6 saddr @subnets6 oifname @bridges ct status dnat masquerade
    ip saddr @subnets4 ip daddr != 224.0.0.0/4 ip saddr . ip daddr != @same_subnet4 masquerade
    ip6 saddr @subnets6 ip6 daddr != ff00::/8 ip6 saddr . ip6 daddr != @same_subnet6 masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname . oifname @same_bridge accept
    iifname @internal drop
    oifname @internal drop
    iifname @isolated oifname @isolated drop
    iifname @strictly_isolated oifname @bridges drop
    iifname @bridges oifname @strictly_isolated drop
  }
`;

export function renderTable(table: string, elements: Element[]): string {
  const sets = SETS.map(([kind, name, definition]) => {
    const members = elements.filter((element) => element.set === name);
    const list = members.map(({ key, value }) => (value === undefined ? key : `${key} : ${value}`)).join(', ');
    return `  ${kind} ${name} { ${definition}${list === '' ? '' : ` elements = { ${list} };`} }`;
  });
  // Naming the table first makes the deletion valid when there was none.
  return `table ${table}\ndelete table ${table}\ntable ${table} {\n${sets.join('\n')}${CHAINS}}\n`;
}
