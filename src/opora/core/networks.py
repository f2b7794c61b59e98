"""Which addresses may be called, where somebody else names them (WH-04): `core.outbound` asks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings

NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are an IPv4 address


def may_be_called(address: str) -> bool:
    """Whether an IP address is public, or in a network the operator listed."""
    known = _innermost(ip_address(address.partition("%")[0]))
    if any(known in network for network in settings.OUTBOUND_NETWORKS):
        return True
    return known.is_global and not known.is_multicast


def could_be_called(host: str) -> bool:
    """Whether a host may be kept for later calls: for one given as an IP address the answer is
    final; a name is looked up whenever it is called."""
    try:
        return may_be_called("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return True


def _innermost(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that some IPv6 addresses lead to."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    behind_teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or behind_teredo or address
