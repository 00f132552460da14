"""Which addresses may be asked: no redirect, name or spelling leads into the own network."""

import asyncio
from ipaddress import ip_address
from typing import Any

import httpcore
import pytest

from ingest.download.addresses import Address, CheckedNetwork, is_private, resolve
from ingest.download.failures import DownloadFailure, Reason

PRIVATE = (
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata of most clouds
    "100.100.100.200",  # Alibaba's, in the range that providers share
    "168.63.129.16",  # Azure's
    "192.0.0.192",  # Oracle's
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",  # Amazon's, over IPv6
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:a9fe:a9fe::",
    "64:ff9b::10.0.0.1",  # NAT64
    "64:ff9b:1::1",
    "2001:0:7f00:1::",  # Teredo
)
PUBLIC = ("1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1")


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_private_network_is_known_as_one(address: str) -> None:
    assert is_private(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_taken_for_a_private_one(address: str) -> None:
    assert not is_private(ip_address(address))


class _Recorder(httpcore.AsyncNetworkBackend):
    """Connects nowhere and remembers where to; refuses the addresses that it is told to."""

    def __init__(self, *dead: str) -> None:
        self.asked: list[str] = []
        self._dead = dead

    async def connect_tcp(self, host: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.append(host)
        if host in self._dead:
            raise httpcore.ConnectError("refused")
        return httpcore.AsyncNetworkStream()


def _connect(
    host: str, *answers: list[str], allow_private: bool = False, dead: tuple[str, ...] = ()
) -> list[str]:
    """Return the addresses that are connected to when a name is looked up with these answers."""
    remaining = iter(answers)

    async def look_up(host: str, port: int) -> list[Address]:
        return [ip_address(item) for item in next(remaining)]

    network = CheckedNetwork(allow_private=allow_private, resolver=look_up if answers else resolve)
    recorder = _Recorder(*dead)
    network._network = recorder  # type: ignore[assignment]
    asyncio.run(network.connect_tcp(host, 80, timeout=5))
    return recorder.asked


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1"]
)
def test_no_spelling_of_this_machine_gets_through(host: str) -> None:
    with pytest.raises(DownloadFailure, match="VASARI_ALLOW_PRIVATE_NETWORKS") as refused:
        _connect(host)
    assert refused.value.reason == Reason.REFUSED_ADDRESS
    assert not refused.value.again


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(DownloadFailure, match=r"museum\.example \(10\.0\.0\.7\)"):
        _connect("museum.example", ["93.184.216.34", "10.0.0.7"])


def test_a_name_that_answers_otherwise_the_second_time_is_not_asked_twice() -> None:
    # Were the name itself handed on, it would be looked up again, and lead to this machine.
    assert _connect("rebinding.example", ["93.184.216.34"], ["127.0.0.1"]) == ["93.184.216.34"]


def test_the_next_address_is_tried_where_the_first_is_dead() -> None:
    asked = _connect("museum.example", ["2606:4700::1", "1.1.1.1"], dead=("2606:4700::1",))
    assert asked == ["2606:4700::1", "1.1.1.1"]


def test_a_private_address_is_asked_where_that_is_allowed() -> None:
    assert _connect("nas.example", ["192.168.1.9"], allow_private=True) == ["192.168.1.9"]


def test_a_name_without_addresses_is_a_host_not_found() -> None:
    with pytest.raises(DownloadFailure, match="nowhere") as failure:
        _connect("nowhere.invalid")
    assert failure.value.reason == Reason.HOST_NOT_FOUND
    assert not failure.value.answered
