"""Items in batches."""

from itertools import count

from catalog.batching import batched


def test_batches_hold_every_item_in_order_and_only_the_last_is_shorter() -> None:
    assert list(batched(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batched([1, 2], 2)) == [[1, 2]]
    assert list(batched([], 3)) == []


def test_an_iterator_is_read_no_further_than_the_batch() -> None:
    items = count()
    assert next(batched(items, 3)) == [0, 1, 2]
    assert next(items) == 3
