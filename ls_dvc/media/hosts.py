"""Which hosts may be asked besides the server, by their names and by what their names lead to.

A name is looked up once, its addresses are checked, and the connection goes to one of these: a
name cannot lead somewhere else afterwards. An address that is not public is refused unless it is
named in `hosts` itself, or the name is one of the own machine or network (`localhost`, without a
dot, or ending in .local, .lan, .internal, .home.arpa) and is named. What is named can be a host of
the network; addresses that no host has (link-local with the metadata of clouds, multicast) are
only taken when they are named themselves.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

from ls_dvc.media.addresses import HOSTS, AddressRules, endpoint
from ls_dvc.media.results import InterruptedMediaError, MissingMediaError

_LOCAL_NAMES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
_IP = ipaddress.IPv4Address | ipaddress.IPv6Address


def look_up(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order of the system; `OSError` when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class HostRules:
    """Which hosts may be asked. `look_up` finds the IP addresses of a host."""

    rules: AddressRules
    look_up: Callable[[str, int], list[str]] = look_up

    def require_allowed(self, host: str, port: int, *, from_server: bool) -> None:
        """`MissingMediaError` unless a redirect may lead to this host.

        The server may send to any host (whose addresses are checked later), others only to hosts
        that are named.
        """
        if not from_server and not self.rules.is_named(host, port):
            raise MissingMediaError(
                "refused-host",
                f"it redirects to {host}, which is not named",
                f"add {host} to {HOSTS} in params.yaml if that is meant",
            )

    def checked(self, host: str, port: int, *, from_server: bool) -> list[str]:
        """The addresses to connect to, looked up once; `MissingMediaError` if one is refused."""
        try:
            found = self.look_up(host, port)
        except OSError as error:
            raise InterruptedMediaError(f"{host} is not known: {error.strerror}") from None
        owned = self._addresses_of_server() if from_server else set()
        for address in found:
            if address not in owned and not self._is_allowed(host, port, address):
                raise MissingMediaError(
                    "refused-host",
                    f"{host} leads to {address}, which is not a public address",
                    f"add {address} to {HOSTS} in params.yaml if that is meant",
                )
        return found

    def _is_allowed(self, host: str, port: int, address: str) -> bool:
        ip = parsed(address)
        if is_public(ip):
            return True
        if self.rules.is_named(str(ip), port) or self.rules.is_named(address, port):
            return True
        is_local_name = not {".", ":"} & set(host) or host.endswith(_LOCAL_NAMES)
        is_of_a_host = ip.is_loopback or not _is_special(ip)
        return is_local_name and is_of_a_host and self.rules.is_named(host, port)

    def _addresses_of_server(self) -> set[str]:
        _, host, port = endpoint(self.rules.server_url)
        try:
            return set(self.look_up(host, port))
        except OSError:
            return set()


def parsed(address: str) -> _IP:
    """An IP address; the IPv4 address that one of IPv6 stands for."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return _inner(ip) or ip
    return ip


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo is not None:
        return ip.teredo[1]
    return ip.ipv4_mapped or ip.sixtofour


def is_public(ip: _IP) -> bool:
    """Whether an address belongs to the internet."""
    return ip.is_global and not _is_special(ip)


def _is_special(ip: _IP) -> bool:
    """Whether no host has this address."""
    return ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
