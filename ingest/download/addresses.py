"""Which network addresses may be asked, and connections to those that were checked, no others.

An address in a museum's export decides whom this machine speaks to. One that leads into its own
network could read what only this machine may (a cloud's credentials, a neighbour's database) or
set something off there (server-side request forgery).
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore

from ingest.download.failures import DownloadFailure, Reason

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[list[Address]]]

_PORTS = range(1, 2**16)
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_ANYBODYS = (
    # Public by the register, and answering from within a cloud only: Azure's. (The others' lie in
    # ranges that are private: 169.254.169.254, 100.100.100.200, fd00:ec2::254.)
    IPv4Network("168.63.129.16/32"),
    # Private by the register, which not every release of Python follows.
    IPv4Network("192.0.0.0/24"),
    IPv6Network("fec0::/10"),
)


def is_private(address: Address) -> bool:
    """Tell whether an address leads anywhere else than to the public internet.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is judged by that
    one too.
    """
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if any(map(is_private, carried)):
            return True
        if address.ipv4_mapped or address in _NAT64:
            return False  # only another form of the address that was just judged
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or any(address in network for network in _NOT_ANYBODYS)
    )


def _carried(address: IPv6Address) -> list[IPv4Address]:
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [item for item in found if item is not None]


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, in the system's order of preference.

    Raises:
        DownloadFailure: it has none.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Address]] = loop.create_future()

    def settle(addresses: list[Address], error: DownloadFailure | None) -> None:
        if answer.done():  # given up meanwhile
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(addresses)

    def look_up() -> None:
        found: list[Address] = []
        failure: DownloadFailure | None = None
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries]
        except (OSError, UnicodeError, OverflowError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            failure = DownloadFailure(
                Reason.HOST_NOT_FOUND, f"{host}: {error}", again=passing, answered=False
            )
        with suppress(RuntimeError):  # the loop is closed: nobody is waiting
            loop.call_soon_threadsafe(settle, list(dict.fromkeys(found)), failure)

    # A look-up cannot be cut short. On a daemon thread it holds up neither Ctrl-C nor the end.
    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return await answer


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to hosts whose every address may be asked, at the address that was checked.

    The name is looked up once, here, so that a second look-up cannot answer otherwise (DNS
    rebinding). TLS and the Host header keep the name: they are of no concern to a connection.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolver
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers.

        Raises:
            DownloadFailure: the host is unknown, one of its addresses is private, or there is no
                such port.
        """
        if port not in _PORTS:
            raise DownloadFailure(Reason.NOT_A_WEB_ADDRESS, "ports go from 1 to 65535")
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no address of {host} could be had") from error
        if not self._allow_private:
            _refuse_private(host, addresses)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _refuse_private(host: str, addresses: list[Address]) -> None:
    for address in addresses:
        if is_private(address):
            place = host if host == str(address) else f"{host} ({address})"
            raise DownloadFailure(
                Reason.REFUSED_ADDRESS,
                f"{place} is not on the public internet; VASARI_ALLOW_PRIVATE_NETWORKS=true "
                "allows it",
            )
