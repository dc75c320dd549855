"""Of what tables are made: instants, numbers that count up, and the one collection of all tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Integer, MetaData, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970, exactly.

    Raises:
        ValueError: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"instant '{instant}' has no time zone")
    return (instant - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The aware UTC instant."""
    return EPOCH + MICROSECOND * value  # half the time of timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as UTC microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


Number = BigInteger().with_variant(Integer, "sqlite")
"""Counts up by itself; only SQLite's INTEGER does there."""

metadata = MetaData()
"""Every table of this package."""
