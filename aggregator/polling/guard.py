"""Which addresses, ports and schemes may be connected to (P6–P8).

The rule is applied to the address of the socket that is about to connect, so it holds for every spelling of an
address, every name, every hop, and a name that answers differently the second time.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from yarl import URL

# Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890. An own table and not `is_global`: that
# property changed its mind in several patch releases of Python 3.11 and calls multicast and NAT64 global.
_IPV4 = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "a cloud platform's own service"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "reserved"),
    ("192.52.193.0/24", "reserved"),
    ("192.88.99.0/24", "a 6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "reserved"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("240.0.0.0/4", "reserved"),
)
# All that is public in IPv6 lies in 2000::/3; these are the rest worth a name, and the exceptions inside it. Forms that
# carry an IPv4 address are refused whole: nothing is published there, and a translator may reach inside.
_IPV6 = (
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("::/96", "IPv4-compatible"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "NAT64"),
    ("100::/64", "discard-only"),
    ("fc00::/7", "private (ULA)"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
    ("2001::/32", "Teredo"),
    ("2001:db8::/32", "documentation"),
    ("2001::/23", "reserved"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "reserved"),
    ("3fff::/20", "documentation"),
)
_NETWORKS4 = tuple((IPv4Network(network), what) for network, what in _IPV4)
_NETWORKS6 = tuple((IPv6Network(network), what) for network, what in _IPV6)
_GLOBAL6 = IPv6Network("2000::/3")

# Ports of services that answer to text they did not expect, from 1024 up. Source: the Fetch standard's "bad ports"
# and the data stores of today, which it leaves out. Below 1024 only 80 and 443 are web ports.
_SERVICE_PORTS = frozenset(
    {1080, 1099, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 3128, 3260, 3268}
    | {3269, 3306, 3389, 3659, 4045, 4190, 4222, 4369, 4444, 5038, 5060, 5061, 5432, 5433, 5555, 5601, 5671, 5672}
    | {5900, 5901, 5938, 5984, 5985, 5986, 6000, 6001, 6379, 6380, 6432, 6443, 6566, 6665, 6666, 6667, 6668, 6669}
    | {6679, 6697, 7000, 7001, 7077, 7473, 7474, 7687, 8086, 8500, 8649, 9042, 9092, 9160, 9200, 9300, 9418, 10080}
    | {10250, 10255, 11211, 11300, 15672, 16379, 25565, 26379, 27017, 27018, 27019, 28015, 50000, 50070, 61613, 61616}
)

AddrInfo = tuple[Any, ...]


class AddressRefused(OSError):  # noqa: N818  says what happened, and that nothing went wrong
    """A connection was not made because the rule forbids it."""

    def __init__(self, address: str, why: str, *, never: bool = False) -> None:
        """
        Args:
            never: no setting allows it.
        """
        super().__init__(f"address {address} is not public ({why})")
        self.address = address
        self.why = why
        self.never = never


def refusal(address: str) -> str | None:
    """Why an IP address may not be connected to, in a word or two; None: it is public.

    Args:
        address: of a socket, IPv4 or IPv6, with or without a scope (`fe80::1%eth0`). What is no IP address is refused.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return "not an IP address"
    if isinstance(ip, IPv4Address):
        return next((what for network, what in _NETWORKS4 if ip in network), None)
    return _refusal6(ip)


def _refusal6(ip: IPv6Address) -> str | None:
    plain = IPv6Address(int(ip))  # `in` compares the scope too, and 2001:db8::1%1 is in no network
    named = next((what for network, what in _NETWORKS6 if plain in network), None)
    if named is None and ip.scope_id is not None:
        return "scoped"
    return named if named is not None or plain in _GLOBAL6 else "reserved"


def url_refusal(url: URL | str, *, private_addresses: bool = False) -> str | None:
    """Why a URL may not be asked, in words; None: nothing speaks against it before its address is known.

    Only http and https, no user name or password in the address (they would end in logs), and a web port: 80, 443,
    or one from 1024 up that is not known for another service. With `private_addresses` any port is fine: the operator
    has named the source, and services at home live anywhere.
    """
    try:
        url = URL(url)
    except ValueError:
        return "the address cannot be read"
    if url.scheme not in ("http", "https"):
        return f"scheme '{url.scheme[:20]}' is not allowed; only http and https are"
    if not url.raw_host:
        return "the address names no host"
    if url.raw_user is not None or url.raw_password is not None or "@" in url.raw_authority:
        return "the address holds a user name or password; put them under 'auth'"
    port = url.port
    if port is None or port == 0:
        return "the address names no usable port"
    if not private_addresses and port not in (80, 443) and (port < 1024 or port in _SERVICE_PORTS):
        return f"port {port} is not a web port (private_addresses: true allows any)"
    return None


def guarded_socket(info: AddrInfo) -> socket.socket:
    """A socket for a public address. Made for `TCPConnector(socket_factory=…)`: `info` is what will be connected to.

    Raises:
        AddressRefused: the address is not public.
    """
    family, kind, proto, _, address = info
    why = refusal(str(address[0])) if family in (socket.AF_INET, socket.AF_INET6) else "not an internet address"
    if why is not None:
        raise AddressRefused(str(address[0]), why)
    return socket.socket(family=family, type=kind, proto=proto)


_NEVER = tuple(
    ip_network(network)
    for network in (
        "169.254.0.0/16",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
        "fe80::/10",
    )
)
"""Where clouds hand a machine its own credentials, and what only neighbours on a wire can mean. Source: the metadata
services of AWS, Azure, Google, Alibaba and Oracle."""
_NEVER_WHY = "a machine's own network or its cloud's"


def open_socket(info: AddrInfo) -> socket.socket:
    """A socket for any address that a feed, a hub or a site may have, in a private network or not.

    Raises:
        AddressRefused: the address is never one, whatever the operator allows.
    """
    family, kind, proto, _, address = info
    if family in (socket.AF_INET, socket.AF_INET6) and _is_never(str(address[0])):
        raise AddressRefused(str(address[0]), _NEVER_WHY, never=True)
    return socket.socket(family=family, type=kind, proto=proto)


def _is_never(address: str) -> bool:
    ip = ip_address(address)
    plain = (ip.ipv4_mapped or IPv6Address(int(ip))) if isinstance(ip, IPv6Address) else ip
    return any(plain in network for network in _NEVER)


def refuse_never(host: str) -> None:
    """For what a proxy connects to in our stead: raises `AddressRefused` where a host, however it is spelt, is an
    address that no setting allows. A name is the proxy's to judge; nothing is looked up."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return
    for *_, address in found:
        if _is_never(str(address[0])):
            raise AddressRefused(str(address[0]), _NEVER_WHY, never=True)
