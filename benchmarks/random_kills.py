"""Commands killed at random moments and at drawn writes, and run again: nothing is lost or doubled.

Each is killed, perhaps twice, then run again as it was, which must succeed. Then the collection is
compared with that of an undisturbed run: every row but those of the job log, every vector,
payload and thumbnail; nothing may drift, and nothing half-written be left. What a backup has kept
is brought back first.

    python -m benchmarks.random_kills --seed 7 --n 20
    python -m benchmarks.random_kills --only ingest --only promote

Exits with 1 if there is a finding.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.campaign import run
from benchmarks.forked_commands import in_a_child
from benchmarks.kill_points import be_killed_at, count_writes
from benchmarks.killed_commands import SCENARIOS, Place, Scenario, Workplace
from maintenance.drift import find_drift
from tests.same_collections import assert_same_collections

NOTHING_LEFT = ("nothing to embed anew", "is not empty (")
"""What ``reembed`` and ``restore`` say, with exit code 1, if they were killed when all was done and
written down."""


@dataclass(frozen=True)
class Undisturbed:
    """A run that was not killed: what came of it, how long it took, and where it can be killed."""

    place: Place
    seconds: float
    writes: int


def campaign(folder: Path, *, scenarios: list[Scenario], seed: int, n: int) -> Iterator[str]:
    """Kill each command and run it again; yield what was found, and print how often it was hit."""
    with Workplace(folder) as workplace:
        for scenario in scenarios:
            chance, kills = random.Random(f"{seed} {scenario.name}"), 0
            with workplace.place(scenario, "undisturbed") as place:
                reference = _undisturbed(place)
                for number in range(n):
                    with workplace.place(scenario, "killed") as killed:
                        moments, died = _killed(reference, killed, chance)
                        kills += died
                        for found in _found(reference, killed):
                            yield f"{scenario.name} {number}: killed {moments}; {found}"
            print(f"{scenario.name}: {n} runs with {kills} kills", flush=True)


def _undisturbed(place: Place) -> Undisturbed:
    counted = place.home.parent / "writes"
    ended = place.run(beforehand=partial(count_writes, counted))
    if ended.code != 0:
        raise RuntimeError(f"{place.command} fails undisturbed: {ended.messages}")
    return Undisturbed(place, ended.seconds, int(counted.read_text()))


def _killed(reference: Undisturbed, place: Place, chance: random.Random) -> tuple[str, int]:
    """Kill a command, perhaps twice; return when that was, and how often it had not ended."""
    moments, kills = [], 0
    for _ in range(chance.choice([1, 1, 2])):
        if chance.random() < 0.5:
            at = chance.randint(1, reference.writes)
            moments.append(f"at write {at} of {reference.writes}")
            ended = place.run(beforehand=partial(be_killed_at, at))
        else:
            after = chance.uniform(0.05, 1) * reference.seconds
            moments.append(f"after {after:.2f} of {reference.seconds:.2f} s")
            ended = place.run(seconds=after)
        kills += ended.code in (None, -9)
    return ", then ".join(moments), kills


def _found(reference: Undisturbed, place: Place) -> Iterator[str]:
    """Run the command again, and yield what is not as it is undisturbed."""
    again = place.run()
    if again.code != 0 and not any(said in again.messages for said in NOTHING_LEFT):
        yield f"run again it ends with {again.code}\n  {again.tail()}"
        return
    for left in place.left_over():
        yield f"left {left}"
    yield from place.bring_back()
    if found := in_a_child(partial(_compare, reference.place, place), place.home.parent):
        yield f"it differs from an undisturbed run:\n  {found[-1500:]}"


def _compare(one: Place, other: Place) -> None:
    with one.opened() as undisturbed, other.opened() as killed:
        assert_same_collections(undisturbed, killed, with_history=False)
        drift = find_drift(killed.database, killed.index, killed.image_store, killed.registry)
        assert not drift, drift


def main(
    seed: Annotated[int, typer.Option(help="Of the kills.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Runs of each command.")] = 20,
    only: Annotated[list[str] | None, typer.Option(help="A command; repeat for several.")] = None,
) -> None:
    """Kill commands, run them again, and say what was found."""
    chosen = [item for item in SCENARIOS if not only or item.name in only]
    about = f"{n} runs of each of {len(chosen)} commands"
    run(partial(campaign, scenarios=chosen, seed=seed, n=n), about)


if __name__ == "__main__":
    typer.run(main)
